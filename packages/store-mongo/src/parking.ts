import type { Charge, ParkingFacet, Receipt } from '@outrelay/core';
import type { MongoCollection, MongoDocument, MongoSession } from './client.ts';
import { fromNow } from './collections.ts';
import { checkLimit } from './condition.ts';
import type { Connection } from './connection.ts';
import type { CollectionName } from './database.ts';
import { receiptId } from './inbox.ts';
import { serverTime } from './maintenance.ts';
import { consumedOf, parkedCondition, parkedOf, parkedPage, parkedRow } from './parked.ts';

/**
 * Counts the attempts of deliveries and keeps the messages that a consumer gave up. Every verb that changes something
 * is one transaction of the store's own.
 */
export function parkingFacet(connection: Connection): ParkingFacet {
  const { database } = connection;
  const collection = (name: CollectionName): MongoCollection => database.collection(name);

  async function chargeOne({ consumer, messageId }: Receipt, session: MongoSession): Promise<Charge> {
    const parked = { consumer, id: messageId, available_at: null };
    const isParked = (await collection('parked').findOne(parked, { session })) !== null;
    const filter = { _id: receiptId({ consumer, messageId }) };
    if (isParked) {
      const found = (await collection('attempts').findOne(filter, { session })) as MongoDocument | null;
      return { attempts: (found?.['attempts'] as number | undefined) ?? 0, parked: true };
    }
    const attempts = { $add: [{ $ifNull: ['$attempts', 0] }, 1] };
    const charged = (await collection('attempts').findOneAndUpdate(
      filter,
      [
        {
          $set: {
            consumer: { $literal: consumer },
            message_id: { $literal: messageId },
            attempts,
            charged_at: '$$NOW',
          },
        },
      ],
      { session, upsert: true, returnDocument: 'after' },
    )) as MongoDocument;
    return { attempts: charged['attempts'] as number, parked: false };
  }

  const dropAttempts = async (receipts: readonly Receipt[], session: MongoSession): Promise<void> => {
    const filter = { _id: { $in: receipts.map(receiptId) } };
    await collection('attempts').deleteMany(filter, { session });
  };

  const choose = async (
    filter: MongoDocument,
    limit: number,
    session: MongoSession,
  ): Promise<MongoDocument[]> => {
    const options = { session, sort: { _id: 1 }, limit, batchSize: Math.min(limit, 1_000) };
    return (await collection('parked').find(filter, options).toArray()) as MongoDocument[];
  };

  const idsOf = (rows: readonly MongoDocument[]): MongoDocument => ({
    _id: { $in: rows.map((row) => row['_id']) },
  });

  return {
    charge: (receipts) =>
      connection.transaction(async (session) => {
        const charges: Charge[] = [];
        for (const receipt of receipts) charges.push(await chargeOne(receipt, session));
        return charges;
      }),

    async park(requests) {
      if (requests.length === 0) return;
      await connection.run(() => serverTime(connection));
      const now = connection.clock.now();
      const rows = requests.map((request) => parkedRow(request, now));
      const deliveries = requests.map(({ consumer, message: { id } }) => ({ consumer, id }));
      await connection.transaction(async (session) => {
        await dropAttempts(
          deliveries.map(({ consumer, id }) => ({ consumer, messageId: id })),
          session,
        );
        await collection('parked').deleteMany({ $or: deliveries }, { session });
        await collection('parked').insertMany(rows, { session });
      });
    },

    async take({ consumer, limit, holdMs }) {
      // Looks first: consumers ask all the time, and most of the time there is nothing.
      const look = async (): Promise<MongoDocument | null> => {
        const due = { consumer, available_at: { $lte: new Date(await serverTime(connection)) } };
        const found = await connection.find('parked', due, { projection: { _id: 1 }, limit: 1 });
        return found.length === 0 ? null : due;
      };
      const due = await connection.run(look);
      if (due === null) return [];
      return connection.transaction(async (session) => {
        const rows = await choose(due, limit, session);
        await collection('parked').updateMany(idsOf(rows), [{ $set: { available_at: fromNow(holdMs) } }], {
          session,
        });
        return rows.map((row) => ({ message: consumedOf(row), redrives: row['redrives'] as number }));
      });
    },

    async forget(receipts) {
      if (receipts.length === 0) return;
      const deliveries = receipts.map(({ consumer, messageId }) => ({ consumer, id: messageId }));
      await connection.transaction(async (session) => {
        await dropAttempts(receipts, session);
        await collection('parked').deleteMany({ $or: deliveries, available_at: { $ne: null } }, { session });
      });
    },

    async list(request = {}) {
      const { condition, limit } = parkedPage(request);
      return connection.run(async () => {
        const options = { sort: { _id: 1 }, limit: limit + 1, batchSize: limit + 1 };
        const rows = await connection.find('parked', condition, options);
        const page = rows.slice(0, limit);
        return {
          messages: page.map(parkedOf),
          next: rows.length > limit ? (page.at(-1)?.['_id'] as string) : null,
        };
      });
    },

    async redrive(filter, limit) {
      const condition = parkedCondition('parking.redrive', filter);
      checkLimit('parking.redrive', limit);
      return connection.transaction(async (session) => {
        const rows = await choose({ ...condition, available_at: null }, limit, session);
        if (rows.length === 0) return 0;
        const receipts = rows.map((row) => ({
          consumer: row['consumer'] as string,
          messageId: row['id'] as string,
        }));
        await dropAttempts(receipts, session);
        const again = { available_at: '$$NOW', redrives: { $add: ['$redrives', 1] } };
        await collection('parked').updateMany(idsOf(rows), [{ $set: again }], { session });
        return rows.length;
      });
    },

    async discard(filter, limit) {
      const condition = parkedCondition('parking.discard', filter);
      checkLimit('parking.discard', limit);
      return connection.transaction(async (session) => {
        const rows = await choose(condition, limit, session);
        if (rows.length === 0) return 0;
        return (await collection('parked').deleteMany(idsOf(rows), { session })).deletedCount;
      });
    },
  };
}
