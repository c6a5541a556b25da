import { defineTransportConformance } from '@outrelay/conformance';
import { describe, it } from 'vitest';
import { httpHarness } from './support/harness.ts';

for (const format of ['binary', 'structured'] as const)
  defineTransportConformance({ describe, it, harness: httpHarness(format) });
