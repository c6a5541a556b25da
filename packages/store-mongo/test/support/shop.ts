import { randomBytes } from 'node:crypto';
import { createOutbox, type NewMessage, type Outbox, type TopicMap, uuidv7 } from '@outrelay/core';
import { MongoClient } from 'mongodb';
import { type MongoClientLike, type MongoSession, type MongoStore, mongoStore } from '../../src/index.ts';

/** The write side, for topics without a schema. */
type ShopOutbox = Outbox<TopicMap, MongoSession, 'async', MongoClientLike | MongoSession>;

/** A database with an outbox and a collection of business documents, for tests. */
export interface Shop {
  readonly client: MongoClient;
  readonly database: string;
  readonly store: MongoStore;
  readonly outbox: ShopOutbox;
  /** How many business documents are there. */
  orders(): Promise<number>;
  /** Drops the database and closes what was opened. */
  remove(): Promise<void>;
}

/** Opens a shop on a server; `appName` is what fail points choose clients by. */
export async function openShop(url: string, appName = 'shop'): Promise<Shop> {
  const database = `outrelay_shop_${randomBytes(6).toString('hex')}`;
  const client = new MongoClient(url, {
    appName,
    serverSelectionTimeoutMS: 5_000,
    heartbeatFrequencyMS: 500,
  });
  const store = mongoStore({ client, database });
  await store.schema.apply();
  const orders = await client.db(database).createCollection('orders');
  return {
    client,
    database,
    store,
    outbox: createOutbox({ store }),
    orders: () => orders.countDocuments(),
    async remove() {
      await store.close();
      await client.db(database).dropDatabase();
      await client.close();
    },
  };
}

/** A message as core hands it to the store. */
export function stored(fields: Partial<NewMessage> = {}): NewMessage {
  return {
    id: uuidv7(),
    topic: 'orders',
    key: null,
    headers: {},
    payload: '{}',
    contentType: 'application/json',
    availableAt: null,
    ordering: 'key',
    ...fields,
  };
}
