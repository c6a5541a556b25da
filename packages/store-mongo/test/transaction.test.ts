import { ALL_TOPICS } from '@outrelay/core';
import { startDocumentdb } from '@outrelay/servers';
import { type ClientSession, MongoClient } from 'mongodb';
import { MongoClient as MongoClient6 } from 'mongodb-6';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mongoStore } from '../src/index.ts';
import { findTestServer } from './support/server.ts';
import { openShop, type Shop, stored } from './support/shop.ts';

const server = await findTestServer();
afterAll(() => server?.proxy.close());

describe.skipIf(server === null)('transactions of callers', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop(server?.url ?? '');
  });

  afterAll(() => shop.remove());

  /** Ids of everything that is due; it is gone afterwards. */
  async function drained(): Promise<readonly string[]> {
    const { store } = shop;
    const token = 'd'.repeat(32);
    const lease = await store.claim({ token, relay: 'test', leaseMs: 30_000, topics: ALL_TOPICS });
    if (lease === null) return [];
    const messages = await store.read(lease, { messages: 1_000, bytes: 1e8, topics: ALL_TOPICS });
    await store.settle(lease, { accepted: messages, retry: [], dead: [], returned: [] });
    await store.release(token);
    return messages.map(({ id }) => id);
  }

  const placeOrder = (session: ClientSession): Promise<unknown> =>
    shop.client.db(shop.database).collection('orders').insertOne({}, { session });

  it('are run by withTransaction, and by hand', async () => {
    await shop.client.withSession((session) =>
      session.withTransaction(() => shop.outbox.append(session, { id: 'm1', topic: 'a', payload: 1 })),
    );
    const session = shop.client.startSession();
    session.startTransaction();
    await shop.outbox.append(session, { id: 'm2', topic: 'a', payload: 1 });
    await session.commitTransaction();
    session.startTransaction();
    await shop.outbox.append(session, { id: 'm3', topic: 'a', payload: 1 });
    await session.abortTransaction();
    await session.endSession();
    expect([...(await drained())].toSorted()).toEqual(['m1', 'm2']);
  });

  it('run again on a conflict, without a duplicate and without a lost order', async () => {
    const counters = shop.client.db(shop.database).collection<{ _id: string; value: number }>('counters');
    await counters.insertOne({ _id: 'orders', value: 0 });
    let runs = 0;
    const place = (id: string): Promise<unknown> =>
      shop.client.withSession((session) =>
        session.withTransaction(async () => {
          runs++;
          await shop.outbox.append(session, { id, topic: 'a', payload: 1 });
          await placeOrder(session);
          await counters.updateOne({ _id: 'orders' }, { $inc: { value: 1 } }, { session });
        }),
      );
    const ids = Array.from({ length: 8 }, (_, at) => `c${at}`);
    await Promise.all(ids.map(place));
    expect(runs).toBeGreaterThan(ids.length);
    expect([...(await drained())].toSorted()).toEqual(ids);
    expect(await shop.orders()).toBe(ids.length);
  });

  it('run again on a conflict when the store opens them, so that an inbox takes it for no failure', async () => {
    const { client, database, store } = shop;
    const accounts = client.db(database).collection<{ _id: string; value: number }>('accounts');
    await accounts.insertOne({ _id: 'a', value: 0 });
    const other = client.startSession();
    other.startTransaction();
    await accounts.updateOne({ _id: 'a' }, { $inc: { value: 1 } }, { session: other });
    let runs = 0;
    await store.transactions?.run(async (session) => {
      if (++runs === 3) await other.commitTransaction();
      await accounts.updateOne({ _id: 'a' }, { $inc: { value: 1 } }, { session: session as ClientSession });
    });
    await other.endSession();
    expect(runs).toBe(3);
    expect((await accounts.findOne({ _id: 'a' }))?.value).toBe(2);
  });

  describe('on connections that are reset', () => {
    let cut: Shop;

    beforeAll(async () => {
      cut = await openShop(server?.proxiedUrl ?? '');
    });

    afterAll(() => cut.remove());

    it('are committed although it happens as the commit is written', async () => {
      await cut.store.transactions?.run(async (session) => {
        await cut.client
          .db(cut.database)
          .collection('orders')
          .insertOne({}, { session: session as ClientSession });
        server?.proxy.cut();
      });
      expect(await cut.orders()).toBe(1);
    });

    it('are rolled back although it happens as they fail', async () => {
      const take = (client: MongoClient, session: ClientSession): Promise<unknown> => {
        const seats = client.db(cut.database).collection<{ _id: string }>('seats');
        return seats.updateOne({ _id: '1a' }, { $set: { taken: true } }, { session, upsert: true });
      };
      const failing = cut.store.transactions?.run(async (session) => {
        await take(cut.client, session as ClientSession);
        server?.proxy.cut();
        throw new RangeError('sold out');
      });
      await expect(failing).rejects.toThrow(new RangeError('sold out'));
      // Sent by another client, because a new transaction in the same session of the server would end the one before. One
      // transaction does not wait for another, which would hold the seat for a minute.
      await shop.client.withSession(async (session) => {
        session.startTransaction();
        await take(shop.client, session);
        await session.commitTransaction();
      });
    });
  });

  it('get errors of the driver untouched', async () => {
    const [one, two] = [shop.client.startSession(), shop.client.startSession()];
    one.startTransaction();
    two.startTransaction();
    const strict = stored({ key: 'k', ordering: 'strict' });
    await shop.store.append(one, [strict], { autocommit: false });
    const error = await Promise.resolve(shop.store.append(two, [strict], { autocommit: false })).catch(
      (failure: unknown) => failure,
    );
    expect(error).toMatchObject({ code: 112, name: 'MongoServerError' });
    expect(
      (error as { hasErrorLabel(label: string): boolean }).hasErrorLabel('TransientTransactionError'),
    ).toBe(true);
    await one.abortTransaction();
    await Promise.all([one.endSession(), two.endSession()]);
  });

  it.each([
    ['nothing', () => undefined, 'TRANSACTION_REQUIRED'],
    ['a client', () => shop.client, 'TRANSACTION_REQUIRED'],
    ['a session without a transaction', () => shop.client.startSession(), 'TRANSACTION_REQUIRED'],
    ['something of another library', () => ({ query: () => {} }), 'TRANSACTION_FOREIGN'],
  ])('are missing in %s, which is refused', async (_, handle, code) => {
    const append = async (): Promise<unknown> =>
      shop.store.append(handle() as never, [stored()], { autocommit: false });
    await expect(append()).rejects.toMatchObject({ code });
    expect(await drained()).toEqual([]);
  });

  it('have ended with their session, and that is said', async () => {
    const session = shop.client.startSession();
    session.startTransaction();
    await session.endSession();
    const append = async (): Promise<unknown> =>
      shop.store.append(session, [stored()], { autocommit: false });
    await expect(append()).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
  });

  it('may come from another client of the same cluster, and from another version of the driver', async () => {
    const other = new MongoClient6(server?.url ?? '');
    await other.withSession((session) =>
      session.withTransaction(async () => {
        await shop.store.append(session, [stored({ id: 'six', payload: new Uint8Array([1]) })], {
          autocommit: false,
        });
      }),
    );
    await other.close();
    expect(await drained()).toEqual(['six']);
  });

  it('of a cluster that does not hold the outbox are refused before anything is written', async () => {
    const elsewhere = await startDocumentdb();
    const client = new MongoClient(elsewhere.url);
    try {
      const append = client.withSession((session) =>
        session.withTransaction(() => shop.outbox.append(session, { topic: 'a', payload: 1 })),
      );
      await expect(append).rejects.toMatchObject({ code: 'TRANSACTION_FOREIGN' });
      expect(await client.db(shop.database).listCollections().toArray()).toEqual([]);
    } finally {
      await client.close();
      await elsewhere.remove();
    }
  }, 120_000);

  it('of mongoose are taken, with the driver that mongoose brings', async () => {
    const connection = await mongoose
      .createConnection(server?.url ?? '', { dbName: shop.database })
      .asPromise();
    const Order = connection.model('Order', new mongoose.Schema({ total: Number }, { collection: 'orders' }));
    const before = await shop.orders();
    await connection.transaction(async (session) => {
      await Order.create([{ total: 1 }], { session });
      await shop.outbox.append(session, { id: 'goose', topic: 'a', payload: { total: 1 } });
    });
    const failed = connection.transaction(async (session) => {
      await Order.create([{ total: 2 }], { session });
      await shop.outbox.append(session, { id: 'lost', topic: 'a', payload: { total: 2 } });
      throw new RangeError('no stock');
    });
    await expect(failed).rejects.toThrow('no stock');
    expect(await drained()).toEqual(['goose']);
    expect((await shop.orders()) - before).toBe(1);
    const own = mongoStore({ client: connection.getClient(), database: shop.database });
    expect((await own.schema.status()).drift).toEqual([]);
    await own.close();
    await connection.close();
  });

  it('are impossible on a standalone server, which is refused by every verb', async () => {
    const standalone = await startDocumentdb({ role: 'standalone' });
    const client = new MongoClient(standalone.url);
    try {
      const store = mongoStore({ client, database: 'shop' });
      await expect(store.schema.apply()).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
      const session = client.startSession();
      session.startTransaction();
      const append = async (): Promise<unknown> => store.append(session, [stored()], { autocommit: false });
      await expect(append()).rejects.toThrow('standalone one, which has no transactions');
      const alone = async (): Promise<unknown> => store.append(client, [stored()], { autocommit: true });
      await expect(alone()).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
      expect(await client.db('shop').listCollections().toArray()).toEqual([]);
    } finally {
      await client.close(true);
      await standalone.remove();
    }
  }, 120_000);
});
