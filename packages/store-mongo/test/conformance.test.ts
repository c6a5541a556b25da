import { defineStoreConformance } from '@outrelay/conformance';
import { note } from '@outrelay/servers';
import { afterAll, describe, it } from 'vitest';
import { DRIVER_7 } from './support/drivers.ts';
import { mongoHarness } from './support/harness.ts';
import { findTestServer } from './support/server.ts';

const server = await findTestServer();
afterAll(() => server?.proxy.close());

if (server?.hasChangeStreams === false)
  note({ kind: 'skip', reason: 'wake-ups: DocumentDB has no change streams; give the URL of a MongoDB' });

describe.skipIf(server === null)('on the shared server', () => {
  defineStoreConformance({ describe, it, harness: mongoHarness(DRIVER_7, server) });
});
