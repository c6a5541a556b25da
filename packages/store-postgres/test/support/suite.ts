import { defineStoreConformance } from '@outrelay/conformance';
import { afterAll, describe, expect, it } from 'vitest';
import { testDatabase } from './database.ts';
import { type HarnessSettings, postgresHarness } from './harness.ts';
import type { SuiteServer } from './servers.ts';

/** Runs the suite on each of the servers, of which there is one or none, in a database of its own. */
export async function defineOn(
  servers: readonly SuiteServer[],
  {
    database: place,
    ...settings
  }: Omit<HarnessSettings, 'database'> & { readonly database?: string | undefined },
): Promise<void> {
  for (const server of servers) {
    const database = await testDatabase(place ?? server.url);
    afterAll(async () => {
      await database.remove();
      await server.remove();
    });
    const harness = postgresHarness({ ...settings, database: () => database });
    defineStoreConformance({ describe, it, harness });
  }
  it('has a server, or has said why not', () => {
    expect(servers.length).toBeLessThanOrEqual(1);
  });
}
