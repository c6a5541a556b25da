import { defineStoreConformance } from '@outrelay/conformance';
import { afterAll, describe, it } from 'vitest';
import { mysqlHarness } from './support/harness.ts';
import { SERVERS } from './support/servers.ts';

/** Sections in which the handle of the caller matters; the others see the store's own connections only. */
const SECTIONS = ['S1', 'S11', 'S13'];

for (const server of SERVERS) {
  for (const form of [server.name === 'MySQL' ? 'callbacks' : 'promises', 'knex'] as const) {
    const harness = mysqlHarness(server, form);
    afterAll(() => harness.end());
    for (const grep of SECTIONS) defineStoreConformance({ describe, it, harness, grep });
  }
}
