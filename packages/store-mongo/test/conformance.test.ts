import { defineStoreConformance } from '@outrelay/conformance';
import { note } from '@outrelay/servers';
import { afterAll, describe, it } from 'vitest';
import { DRIVER_7 } from './support/drivers.ts';
import { mongoHarness } from './support/harness.ts';
import { findTestServer } from './support/server.ts';
import { SpareDatabases } from './support/spare-databases.ts';

const server = await findTestServer();
const spares = server && new SpareDatabases(DRIVER_7, server);
afterAll(async () => {
  await spares?.close();
  await server?.proxy.close();
});

if (server?.hasChangeStreams === false)
  note({ kind: 'skip', reason: 'wake-ups: DocumentDB has no change streams; give the URL of a MongoDB' });

describe.skipIf(server === null)('on the shared server', () => {
  defineStoreConformance({ describe, it, harness: mongoHarness(DRIVER_7, server, spares) });
});
