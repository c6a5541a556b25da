import type { AppendReport, NewMessage } from '@outrelay/core';
import type { MongoDocument, MongoSession } from './client.ts';
import type { Installation } from './installation.ts';
import { lockOf } from './partition.ts';
import type { ServerClock } from './server-clock.ts';
import { documentOf } from './row.ts';

/** Milliseconds after which the clock of the server is looked at again. */
const CLOCK_AGE_MS = 60_000;
/** The `_id` of the counter that positions are drawn from. */
export const COUNTER = 'outbox';

/** A message on its way into a collection. */
interface Entry {
  readonly document: MongoDocument;
  /** `null` for at once. */
  readonly availableAt: Date | null;
}

/** The documents of an append, with everything that can be known before the first command. */
export interface Draft {
  /** In the order of the append. */
  readonly entries: readonly Entry[];
  /** Numbers of the locks to take, sorted, so that two appends never wait for each other. */
  readonly locks: readonly number[];
}

/** Copies what the caller said, so that changes after this moment change nothing. */
export function draftOf(messages: readonly NewMessage[]): Draft {
  const locks = new Set<number>();
  const entries = messages.map((message) => {
    const { key, topic, availableAt, ordering } = message;
    if (ordering === 'strict' && key !== null) locks.add(lockOf(topic, key));
    return {
      document: documentOf(message),
      availableAt: availableAt === null ? null : new Date(availableAt),
    };
  });
  return { entries, locks: [...locks].toSorted((a, b) => a - b) };
}

/**
 * Writes a draft in a transaction.
 *
 * Errors of the driver leave untouched, whatever they are: they are about the transaction of the caller, whose
 * `withTransaction` reads their labels. After any of them MongoDB has given the transaction up, so none of it is there.
 */
export async function write(
  { database, positions }: Installation,
  clock: ServerClock,
  draft: Draft,
  session: MongoSession,
): Promise<AppendReport> {
  const { entries, locks } = draft;
  const documents = entries.map(({ document }) => document);
  const locking = database.collection('locks');
  for (const lock of locks)
    await locking.updateOne({ _id: lock }, { $inc: { taken: 1 } }, { session, upsert: true });
  if (positions.kind === 'counter') await count(database, documents);
  else await stamp(database, clock, documents, positions.empty);
  const fresh = entries.filter((entry) => !isScheduled(entry)).map(({ document }) => document);
  const scheduled = entries.filter(isScheduled).map(scheduledRow);
  if (fresh.length > 0) await database.collection('messages').insertMany(fresh, { session });
  if (scheduled.length > 0) await database.collection('delayed').insertMany(scheduled, { session });
  return { duplicates: [] };
}

/** Whether a message has to wait; one whose time has come already is like any other. */
function isScheduled({ document, availableAt }: Entry): boolean {
  return availableAt !== null && availableAt > (document['created_at'] as Date);
}

function scheduledRow({ document, availableAt }: Entry): MongoDocument {
  const state = { chain: null, blocks: false, dead: false, attempts: 0, redrives: 0, last_error: null };
  return { ...document, available_at: availableAt, scheduled_at: availableAt, ...state };
}

/**
 * Draws numbers from the counter, outside of the transaction: appends that run at the same time do not get into each
 * other's way, and whoever has locked a key before still gets a later number than everyone who had it before.
 */
async function count(database: Installation['database'], documents: readonly MongoDocument[]): Promise<void> {
  const last = { $add: ['$last', documents.length] };
  const drawn = (await database
    .collection('positions')
    .findOneAndUpdate({ _id: COUNTER }, [{ $set: { last, now: '$$NOW' } }], {
      upsert: true,
      returnDocument: 'after',
    })) as MongoDocument;
  let position = (drawn['last'] as number) - documents.length;
  for (const document of documents)
    Object.assign(document, { position: ++position, seq: 0, created_at: drawn['now'] });
}

/** Leaves the position to the server, which fills an empty timestamp when it inserts; the index keeps the order inside. */
async function stamp(
  { db }: Installation['database'],
  clock: ServerClock,
  documents: readonly MongoDocument[],
  empty: () => unknown,
): Promise<void> {
  if (clock.ageMs > CLOCK_AGE_MS) {
    const { localTime } = (await db.command({ hello: 1 })) as { localTime: Date };
    clock.observe(localTime);
  }
  const createdAt = clock.now();
  for (const [seq, document] of documents.entries())
    Object.assign(document, { position: empty(), seq, created_at: createdAt });
}
