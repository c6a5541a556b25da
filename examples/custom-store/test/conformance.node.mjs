// The same in Node's own runner: node --test test/conformance.node.mjs
import { describe, it } from 'node:test';
import { defineStoreConformance } from '@outrelay/conformance';
import { harness } from '../harness.mjs';

defineStoreConformance({ describe, it, harness: harness() });
