import { defineStoreConformance } from '@outrelay/conformance';
import { describe, it } from 'vitest';
import { harness } from '../harness.mjs';

defineStoreConformance({ describe, it, harness: harness() });
