import { ALL_TOPICS } from '@outrelay/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mysqlStore } from '../src/index.ts';
import { Place } from './support/place.ts';
import { Proxy } from './support/proxy.ts';
import { SERVERS } from './support/servers.ts';

describe.each(SERVERS)('close on $name', (server) => {
  let place: Place;
  let proxy: Proxy;

  beforeAll(async () => {
    place = await Place.make(server);
    await place.install();
    proxy = new Proxy(server);
    await proxy.listen();
  });
  afterAll(async () => {
    await proxy.close();
    await place.remove();
  });

  it('ends, and so do the calls under way, when the server has gone silent', async () => {
    const connection = { ...place.connection, host: '127.0.0.1', port: proxy.port };
    const store = mysqlStore({ connection });
    const request = { token: 'c'.repeat(32), relay: 'close', leaseMs: 10_000, topics: ALL_TOPICS };
    await store.claim(request);
    const silence = proxy.stopNext(false);
    const call = store.claim(request).catch((error: unknown) => error);
    await silence.reached;
    await store.close();
    expect(await call).toMatchObject({ code: 'STORE_CLOSED' });
    silence.resume();
  });
});
