import { createOutbox, topicTypes } from '@outrelay/core';
import { mongoStore } from '@outrelay/store-mongo';
import { type ClientSession, type Collection, MongoClient } from 'mongodb';
import type { ShopTopics } from '../shop/messages.ts';
import { mongoProgress, mongoRecords } from './mongo-records.ts';
import { INITIAL_STOCK, type ShopDatabase, type ShopTransaction } from './shop-database.ts';

interface OrderDocument {
  readonly _id: string;
  readonly currency: string;
  readonly state: 'placed' | 'paid' | 'shipped';
  readonly lines: readonly { readonly quantity: number; readonly price: number }[];
  /** Ids of the messages that told of it, in order. */
  readonly history: string[];
}

interface StockDocument {
  readonly _id: string;
  readonly level: number;
  readonly history: string[];
}

/** The collections of the shop. */
export interface ShopCollections {
  readonly orders: Collection<OrderDocument>;
  readonly stock: Collection<StockDocument>;
  readonly rolledBack: Collection<{ _id: string; orderId: string }>;
}

/** A shop in collections of MongoDB that begin with its name: the handle of a transaction is the session. */
export function mongoShop(url: string, name: string): ShopDatabase {
  const prefix = `${name}_`;
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  const db = client.db();
  const store = mongoStore({ client, prefix });
  const outbox = createOutbox({ store, topics: topicTypes<ShopTopics>() });
  const collections: ShopCollections = {
    orders: db.collection(`${prefix}orders`),
    stock: db.collection(`${prefix}stock`),
    rolledBack: db.collection(`${prefix}rolled_back`),
  };

  return {
    belongings: `collections ${prefix}*`,
    store,

    async create() {
      for (const { collectionName } of Object.values(collections)) await db.createCollection(collectionName);
      await store.schema.apply();
    },

    async transaction(work) {
      await client.withSession((session) =>
        session.withTransaction(() =>
          work(
            mongoTransaction(collections, session, async (messages) => {
              const { ids } = await outbox.append(session, messages);
              return ids;
            }),
          ),
        ),
      );
    },

    progress: () => mongoProgress(collections),
    records: () => mongoRecords(collections),

    async remove() {
      for (const { name: collection } of await db.listCollections({}, { nameOnly: true }).toArray()) {
        if (collection.startsWith(prefix)) await db.dropCollection(collection);
      }
    },

    async close() {
      await store.close();
      await client.close();
    },
  };
}

function mongoTransaction(
  { orders, stock, rolledBack }: ShopCollections,
  session: ClientSession,
  append: ShopTransaction['append'],
): ShopTransaction {
  return {
    append,

    async insertOrder({ id, ...order }) {
      await orders.insertOne({ _id: id, ...order, state: 'placed', history: [] }, { session });
    },

    async setState(orderId, state) {
      await orders.updateOne({ _id: orderId }, { $set: { state } }, { session });
    },

    async takeFromStock(sku, quantity) {
      const left = await stock.findOneAndUpdate(
        { _id: sku },
        { $inc: { level: -quantity } },
        { session, returnDocument: 'after' },
      );
      if (left !== null) return left.level;
      await stock.insertOne({ _id: sku, level: INITIAL_STOCK - quantity, history: [] }, { session });
      return INITIAL_STOCK - quantity;
    },

    async noteHistory({ topic, key }, messageId) {
      const note = { $push: { history: messageId } };
      if (topic === 'stock.level') await stock.updateOne({ _id: String(key) }, note, { session });
      else await orders.updateOne({ _id: String(key) }, note, { session });
    },

    async noteRolledBack(orderId, messageIds) {
      await rolledBack.insertMany(
        messageIds.map((_id) => ({ _id, orderId })),
        { session },
      );
    },
  };
}
