import { assertStoreProperty } from '@outrelay/store-properties';
import { expect, it } from 'vitest';
import { DRIVERS } from './support/drivers.ts';
import { sqliteHarness } from './support/harness.ts';

it.each(DRIVERS)(
  'every course of events ends as the model says, on $name',
  (driver) => expect(assertStoreProperty(sqliteHarness(driver))).resolves.toBeUndefined(),
  600_000,
);
