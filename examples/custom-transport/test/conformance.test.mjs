import { defineTransportConformance } from '@outrelay/conformance';
import { describe, it } from 'vitest';
import { harness } from '../harness.mjs';

defineTransportConformance({ describe, it, harness: harness() });
