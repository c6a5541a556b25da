// The same in Node's own runner: node --test test/conformance.node.mjs
import { describe, it } from 'node:test';
import { defineTransportConformance } from '@outrelay/conformance';
import { harness } from '../harness.mjs';

defineTransportConformance({ describe, it, harness: harness() });
