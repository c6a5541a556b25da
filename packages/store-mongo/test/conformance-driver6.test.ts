import { defineStoreConformance } from '@outrelay/conformance';
import { note, startDocumentdb } from '@outrelay/servers';
import { afterAll, describe, it } from 'vitest';
import { DRIVER_6 } from './support/drivers.ts';
import { mongoHarness } from './support/harness.ts';
import { findTestServer } from './support/server.ts';
import { SpareDatabases } from './support/spare-databases.ts';

// The driver of the major version before, and positions that the server fills. A real MongoDB fills them by itself.
const shared = await findTestServer();
const own = shared?.hasChangeStreams === false ? await startDocumentdb({ fillTimestamps: true }) : null;
const server = own === null ? shared : await findTestServer(own.url);
if (own !== null) note({ kind: 'server', server: 'DocumentDB, filling timestamps', version: own.version });

const spares = server && new SpareDatabases(DRIVER_6, server);
afterAll(async () => {
  await spares?.close();
  await Promise.all([shared?.proxy.close(), own === null ? undefined : server?.proxy.close()]);
  await own?.remove();
});

describe.skipIf(server === null)('where the server fills positions', () => {
  defineStoreConformance({ describe, it, harness: mongoHarness(DRIVER_6, server, spares) });
});
