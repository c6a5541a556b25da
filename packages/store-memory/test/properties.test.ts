import { assertStoreProperty } from '@outrelay/store-properties';
import { expect, it } from 'vitest';
import { harness } from './support/harness.ts';

it(
  'every course of events ends as the model says',
  () => expect(assertStoreProperty(harness, { runs: 300 })).resolves.toBeUndefined(),
  600_000,
);
