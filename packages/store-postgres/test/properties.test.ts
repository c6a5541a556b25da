import { serverUrl } from '@outrelay/servers';
import { assertStoreProperty } from '@outrelay/store-properties';
import { afterAll, describe, expect, it } from 'vitest';
import { testDatabase } from './support/database.ts';
import { postgresHarness } from './support/harness.ts';

describe.skipIf(serverUrl('postgres') === undefined)('a store on the shared server', async () => {
  const database = await testDatabase();
  afterAll(() => database.remove());
  const harness = postgresHarness({ name: 'store-postgres', database: () => database });

  it(
    'ends every course of events as the model says',
    () => expect(assertStoreProperty(harness, { runs: 25 })).resolves.toBeUndefined(),
    900_000,
  );
});
