import { createRelay, createOutbox } from '@outrelay/core';
import { note, serverUrl, startDocumentdb } from '@outrelay/servers';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mongoStore } from '../src/index.ts';
import { Ledger } from './support/ledger.ts';

const KEYS = 20;
const MESSAGES = 1_200;

describe.skipIf(serverUrl('mongodb') === undefined)('a server that is killed in a drain', () => {
  let server: Awaited<ReturnType<typeof startDocumentdb>>;

  beforeAll(async () => {
    server = await startDocumentdb();
    note({ kind: 'server', server: 'DocumentDB, killed', version: server.version });
  }, 120_000);
  afterAll(() => server.remove());

  it('with three relays: nothing is lost, each key keeps its order', async () => {
    const client = new MongoClient(server.url, {
      serverSelectionTimeoutMS: 3_000,
      heartbeatFrequencyMS: 500,
    });
    const store = mongoStore({ client, database: 'restart' });
    await store.schema.apply();
    const outbox = createOutbox({ store });
    const ids: string[][] = Array.from({ length: KEYS }, () => []);
    for (let at = 0; at < MESSAGES; at += 100) {
      const messages = Array.from({ length: 100 }, (_, index) => {
        const key = (at + index) % KEYS;
        const id = `m${at + index}`;
        ids[key]?.push(id);
        return { id, topic: 'orders', key: `k${key}`, payload: id };
      });
      await client.withSession((session) => session.withTransaction(() => outbox.append(session, messages)));
    }

    const ledger = new Ledger();
    const kills: Promise<void>[] = [];
    ledger.afterBatch = (arrived) => {
      if (arrived >= MESSAGES / 3 && kills.length === 0) kills.push(server.kill().then(() => server.start()));
    };
    const clients = [client, new MongoClient(server.url), new MongoClient(server.url)];
    const relays = clients.map((own, at) =>
      createRelay({
        store: mongoStore({ client: own, database: 'restart' }),
        transport: ledger,
        name: `relay-${at}`,
        leaseMs: 2_000,
        batch: { messages: 25 },
      }),
    );
    for (const relay of relays) relay.start();
    await expect
      .poll(() => new Set(ledger.arrived.map(({ id }) => id)).size, { timeout: 150_000, interval: 200 })
      .toBe(MESSAGES);
    await Promise.all(relays.map((relay) => relay.stop()));
    await Promise.all(kills);
    expect(kills).toHaveLength(1);
    for (let key = 0; key < KEYS; key++) expect(ledger.firstOf(`k${key}`)).toEqual(ids[key]);
    await Promise.all(clients.map((own) => own.close()));
  }, 240_000);
});
