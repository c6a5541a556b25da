import type { MongoDocument, MongoSession } from './client.ts';
import type { Database } from './database.ts';
import { BY_POSITION } from './position.ts';

/*
 * A chain is what waits of one key, in order: the delayed documents with `blocks: true` and its name. Its document in
 * the collection of chains says where the first of them stands and when it is due, so that a read looks at one small
 * document per key, however many messages wait behind it.
 *
 * A delayed document is one of these:
 *
 * - `scheduled` (blocks false, attempts 0): holds nobody back before its time, and joins its chain when that comes.
 * - `retry` (available_at set): tried before, or redriven, or joined. With a key it is in a chain.
 * - `behind` (blocks true, available_at null, dead false): waits until the ones before it in its chain are gone.
 * - `dead marker` (dead true): stands for a dead letter that its key waits for.
 *
 * Whoever adds to a chain or removes from it writes its document in the same transaction, so two who do that at the
 * same time get into a write conflict, and one of them looks again.
 */

/** Brings the documents of chains in line with what waits, inside the transaction that has changed it. */
export async function updateChains(
  database: Database,
  chains: readonly string[],
  now: Date,
  session: MongoSession,
): Promise<void> {
  if (chains.length === 0) return;
  const first = (name: string): object => ({ $first: `$${name}` });
  const heads = (await database
    .collection('delayed')
    .aggregate(
      [
        { $match: { chain: { $in: chains }, blocks: true } },
        { $sort: { chain: 1, ...BY_POSITION } },
        {
          $group: {
            _id: '$chain',
            head: first('_id'),
            partition_no: first('partition_no'),
            topic: first('topic'),
            message_key: first('message_key'),
            position: first('position'),
            seq: first('seq'),
            available_at: first('available_at'),
            dead: first('dead'),
          },
        },
      ],
      { session },
    )
    .toArray()) as MongoDocument[];
  const standing = new Map(heads.map((head) => [head['_id'] as string, head]));
  const operations = chains.map((_id) => {
    const head = standing.get(_id);
    if (head === undefined) return { deleteOne: { filter: { _id } } };
    const { _id: _, ...fields } = head;
    const due = head['dead'] === true ? null : (head['available_at'] ?? now);
    return {
      updateOne: { filter: { _id }, update: { $set: { ...fields, available_at: due } }, upsert: true },
    };
  });
  await database.collection('chains').bulkWrite(operations, { session });
}

/** Names of the chains among these that are there, after making sure that nobody ends them before the commit. */
export async function holdChains(
  database: Database,
  chains: readonly string[],
  session: MongoSession,
): Promise<ReadonlyMap<string, MongoDocument>> {
  const filter = { _id: { $in: chains } };
  await database.collection('chains').updateMany(filter, { $inc: { touched: 1 } }, { session });
  const found = (await database.collection('chains').find(filter, { session }).toArray()) as MongoDocument[];
  return new Map(found.map((chain) => [chain['_id'] as string, chain]));
}
