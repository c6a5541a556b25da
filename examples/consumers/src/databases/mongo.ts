import { createConsumer } from '@outrelay/core';
import { mongoStore } from '@outrelay/store-mongo';
import { type ClientSession, MongoClient } from 'mongodb';
import type { Ground } from '../ground.ts';
import { paymentOf } from '../payment.ts';

/** A database of MongoDB. */
export function mongoGround(url: string): Ground {
  const client = new MongoClient(url);
  const name = new URL(url).pathname.slice(1);
  const db = client.db(name);
  const applied = db.collection<{ message_id: string }>('applied');
  const balances = db.collection<{ account: string; amount: number }>('balances');
  const store = mongoStore({ client, database: name });
  return {
    async prepare() {
      await store.schema.apply();
      await applied.createIndex({ message_id: 1 });
      await balances.createIndex({ account: 1 }, { unique: true });
    },
    consumer: (options) =>
      createConsumer({
        ...options,
        store,
        handler: async (tx, message) => {
          const { account, amount } = paymentOf(message);
          // What the store opens is a session of mongodb.
          const session = tx as unknown as ClientSession;
          await applied.insertOne({ message_id: message.id }, { session });
          await balances.updateOne({ account }, { $inc: { amount } }, { session, upsert: true });
        },
      }),
    count: () => applied.countDocuments(),
    async effects() {
      const rows = await applied.find().toArray();
      const sums = await balances.find().toArray();
      return {
        applied: rows.map((row) => row.message_id),
        balances: new Map(sums.map((row) => [row.account, row.amount])),
        parked: (await store.parking.list()).messages.length,
      };
    },
    async close() {
      await store.close();
      await client.close();
    },
    async remove() {
      await store.schema.remove();
      await applied.drop();
      await balances.drop();
    },
  };
}
