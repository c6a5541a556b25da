import { defineStoreConformance } from '@outrelay/conformance';
import { describe, it } from 'vitest';
import { harness } from './support/harness.ts';

defineStoreConformance({ describe, it, harness });
