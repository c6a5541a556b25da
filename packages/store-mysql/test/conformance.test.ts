import { defineStoreConformance } from '@outrelay/conformance';
import { afterAll, describe, it } from 'vitest';
import { mysqlHarness } from './support/harness.ts';
import { SERVERS } from './support/servers.ts';

for (const server of SERVERS) {
  const harness = mysqlHarness(server, server.name === 'MySQL' ? 'promises' : 'callbacks');
  afterAll(() => harness.end());
  defineStoreConformance({ describe, it, harness });
}
