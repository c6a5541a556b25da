import type { MessageTrace } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import type { Connection } from './connection.ts';
import { chainOf } from './partition.ts';
import { orderOf } from './position.ts';

/** Chains by name; what is due of a key is said by its chain. */
export type Chains = ReadonlyMap<string, MongoDocument>;

/** Whether a document waits for something: its own time, or what stands before it in the order of its key. */
export function waits(row: MongoDocument, chains: Chains, now: number): boolean {
  const availableAt = row['available_at'] as Date | null | undefined;
  if (availableAt !== null && availableAt !== undefined && availableAt.getTime() > now) return true;
  const key = row['message_key'] as string | null;
  // A scheduled message waits for nobody before its time, and joins its chain only when a relay comes by.
  if (key === null || row['blocks'] === false) return false;
  const chain = chains.get(chainOf(row['topic'] as string, key));
  if (chain === undefined || orderOf(chain) > orderOf(row)) return false;
  const due = chain['available_at'] as Date | null;
  return due === null || due.getTime() > now;
}

/** Finds where messages with an id are, in the order fresh, delayed, dead, sent, each with the newest first. */
export async function trace(
  connection: Connection,
  id: string,
  now: number,
): Promise<readonly MessageTrace[]> {
  const newestFirst = { sort: { _id: -1 } };
  const [fresh, delayed, dead, sent] = await Promise.all([
    connection.find('messages', { id }, newestFirst),
    connection.find('delayed', { id, dead: false }, newestFirst),
    connection.find('deadLetters', { id }, newestFirst),
    connection.find('history', { id }, newestFirst),
  ]);
  const keys = [...fresh, ...delayed].flatMap((row) =>
    row['message_key'] === null ? [] : chainOf(row['topic'] as string, row['message_key'] as string),
  );
  const found = keys.length === 0 ? [] : await connection.find('chains', { _id: { $in: keys } });
  const chains = new Map(found.map((chain) => [chain['_id'] as string, chain]));
  const pendingOr = (row: MongoDocument): MessageTrace['state'] =>
    waits(row, chains, now) ? 'waiting' : 'pending';
  return [
    ...fresh.map((row) => traceOf(row, pendingOr(row), null)),
    ...delayed.map((row) => {
      const state = pendingOr(row);
      return traceOf(
        row,
        state,
        state === 'pending' ? null : (row['available_at'] as Date | null),
        'last_error',
      );
    }),
    ...dead.map((row) => traceOf(row, 'dead', row['dead_at'] as Date, 'error')),
    ...sent.map((row) => traceOf(row, 'sent', row['sent_at'] as Date)),
  ];
}

function traceOf(
  row: MongoDocument,
  state: MessageTrace['state'],
  at: Date | null,
  errorField?: string,
): MessageTrace {
  return {
    id: row['id'] as string,
    topic: row['topic'] as string,
    key: row['message_key'] as string | null,
    state,
    createdAt: row['created_at'] as Date,
    attempts: (row['attempts'] as number | undefined) ?? 0,
    at,
    error: errorField === undefined ? null : ((row[errorField] as string | null | undefined) ?? null),
  };
}
