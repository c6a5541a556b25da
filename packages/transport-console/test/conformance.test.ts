import { defineTransportConformance } from '@outrelay/conformance';
import { describe, it } from 'vitest';
import { pipeHarness } from './support/harness.ts';

defineTransportConformance({ describe, it, harness: pipeHarness });
