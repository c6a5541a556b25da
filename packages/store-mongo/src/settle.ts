import type { ClaimedMessage, Settlements, SettleReport } from '@outrelay/core';
import type { MongoDocument, MongoSession } from './client.ts';
import type { Connection } from './connection.ts';
import { fence } from './fence.ts';
import type { MongoLease } from './lease.ts';
import type { MongoStoreSettings } from './options.ts';
import { historyRow, Outcomes } from './outcomes.ts';
import { refOf } from './row.ts';
import type { WantedMarks } from './wanted.ts';

/** What the transaction of a settle answers with. */
type Recorded = Omit<SettleReport, 'wanted'>;

/** Fewer documents were there than were to be settled at once, so each has to be looked at. */
class RowsMissing extends Error {}

/**
 * Records outcomes in one transaction, whose first step writes the partitions: nobody can take them over before the
 * commit. The end of the lease does not matter, only whether somebody else has taken it.
 */
export function settler(
  connection: Connection,
  settings: MongoStoreSettings,
  marks: WantedMarks,
): (lease: MongoLease, settlements: Settlements) => Promise<SettleReport> {
  const record = async (lease: MongoLease, settlements: Settlements): Promise<Recorded> => {
    const plain = plainBatch(lease, settlements);
    if (plain !== null) {
      try {
        return await acceptPlain(connection, settings, lease, plain);
      } catch (error) {
        if (!(error instanceof RowsMissing)) throw error;
      }
    }
    return connection.transaction((session) => recordEach(connection, settings, lease, settlements, session));
  };
  return async (lease, settlements) => {
    const [recorded, wanted] = await Promise.all([
      record(lease, settlements),
      connection.run(() => marks.of(lease.token)),
    ]);
    return { ...recorded, wanted: wanted !== null };
  };
}

/** All that was read, fresh and accepted: the normal case, which takes one command per collection. */
function plainBatch(
  lease: MongoLease,
  { accepted, retry, dead, returned }: Settlements,
): readonly ClaimedMessage[] | null {
  if (accepted.length === 0 || retry.length > 0 || dead.length > 0 || returned.length > 0) return null;
  const isPlain = (message: ClaimedMessage): boolean => {
    const { token, delayed } = refOf(message);
    return token === lease.token && delayed === null;
  };
  return accepted.every(isPlain) ? accepted : null;
}

function partitionsOf(messages: readonly ClaimedMessage[]): readonly number[] {
  return [...new Set(messages.map((message) => refOf(message).partition))].toSorted((a, b) => a - b);
}

async function acceptPlain(
  connection: Connection,
  { history }: MongoStoreSettings,
  { token }: MongoLease,
  messages: readonly ClaimedMessage[],
): Promise<Recorded> {
  const { database, clock } = connection;
  const partitions = partitionsOf(messages);
  const ids = messages.map((message) => refOf(message).row);
  await connection.transaction(async (session) => {
    const { held, lossy } = await fence(database, token, partitions, session);
    if (held.size < partitions.length || lossy.size > 0) throw new RowsMissing();
    const { deletedCount } = await database
      .collection('messages')
      .deleteMany({ _id: { $in: ids } }, { session });
    if (deletedCount !== ids.length) throw new RowsMissing();
    if (history === 'none') return;
    const sentAt = clock.now();
    const sent = messages.map((message) => historyRow(message, sentAt, history));
    await database.collection('history').insertMany(sent, { session });
  });
  return { settled: messages.length, alreadySettled: [], lost: [], unknown: [] };
}

/** Looks at every document before it decides. */
async function recordEach(
  connection: Connection,
  { history }: MongoStoreSettings,
  lease: MongoLease,
  settlements: Settlements,
  session: MongoSession,
): Promise<Recorded> {
  const { database, clock } = connection;
  const { accepted, retry, dead, returned } = settlements;
  const all = [...accepted, ...retry.map(messageOf), ...dead.map(messageOf), ...returned];
  const own = all.filter((message) => refOf(message).token === lease.token);
  const report = {
    settled: 0,
    alreadySettled: [] as string[],
    lost: [] as string[],
    unknown: all.filter((message) => refOf(message).token !== lease.token).map(({ id }) => id),
  };
  if (own.length === 0) return report;

  const { held, lossy } = await fence(database, lease.token, partitionsOf(own), session);
  const rowsOf = async (isDelayed: boolean): Promise<MongoDocument[]> => {
    const wanted = own.filter((message) => (refOf(message).delayed !== null) === isDelayed);
    if (wanted.length === 0) return [];
    const filter = { _id: { $in: wanted.map((message) => refOf(message).row) } };
    const name = isDelayed ? 'delayed' : 'messages';
    const options = { session, batchSize: wanted.length };
    return (await database.collection(name).find(filter, options).toArray()) as MongoDocument[];
  };
  const [fresh, delayed] = [await rowsOf(false), await rowsOf(true)];
  const there = new Set(
    [...fresh, ...delayed.filter((row) => row['dead'] !== true)].map((row) => String(row['_id'])),
  );
  const outcomes = new Outcomes(clock.now(), history, { fresh, delayed });
  const survivors = new Map<number, number>();
  const seen = new Set<string>();

  /** Records one outcome, when the message is still this lease's to settle. */
  const settleOne = (message: ClaimedMessage, recorded: () => boolean, published: boolean): void => {
    const { token, partition, row, suspect } = refOf(message);
    if (token !== lease.token) return;
    const isHeld = held.has(partition);
    if (!isHeld && there.has(String(row))) report.lost.push(message.id);
    else if (!isHeld || seen.has(String(row)) || !recorded()) report.alreadySettled.push(message.id);
    else {
      report.settled++;
      if (published && lossy.has(partition))
        survivors.set(partition, (survivors.get(partition) ?? 0) + (suspect ? 1 : 0));
    }
    seen.add(String(row));
  };
  for (const message of accepted) settleOne(message, () => outcomes.accept(message), true);
  for (const settlement of retry) settleOne(settlement.message, () => outcomes.retry(settlement), true);
  for (const settlement of dead) settleOne(settlement.message, () => outcomes.die(settlement), true);
  for (const message of returned) settleOne(message, () => outcomes.giveBack(message), false);
  await outcomes.write(database, session);
  await recover(database, survivors, lossy, session);
  return report;
}

/** Takes survived suspects off the count; a partition without any is as if no relay had ever vanished there. */
async function recover(
  database: Connection['database'],
  survivors: ReadonlyMap<number, number>,
  lossy: ReadonlyMap<number, number>,
  session: MongoSession,
): Promise<void> {
  const operations = [...survivors].map(([no, survived]) => {
    const left = Math.max(0, (lossy.get(no) ?? 0) - survived);
    const state = left === 0 ? { suspect_left: 0, losses: 0 } : { suspect_left: left };
    return { updateOne: { filter: { _id: no }, update: { $set: state } } };
  });
  if (operations.length > 0) await database.collection('partitions').bulkWrite(operations, { session });
}

function messageOf({ message }: { readonly message: ClaimedMessage }): ClaimedMessage {
  return message;
}
