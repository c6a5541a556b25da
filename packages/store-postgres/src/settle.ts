import type { ClaimedMessage, Settlements, SettleReport } from '@outrelay/core';
import { Chain } from './chain.ts';
import type { Connections } from './connections.ts';
import { fence } from './fence.ts';
import { heldBy, type PgLease } from './lease.ts';
import { numbers, text, whole } from './literal.ts';
import type { PostgresStoreSettings } from './options.ts';
import { DelayedOutcomes, FreshOutcomes } from './outcomes.ts';
import { refOf } from './row.ts';
import type { Tables } from './tables.ts';

/**
 * Records outcomes in one transaction and one round trip. Its first statement locks the rows of the partitions that the
 * token still holds, so that nobody can take them over before the commit; the following ones change messages of those
 * partitions only. The end of the lease does not matter, only whether somebody else has taken it.
 */
export function settler(
  connections: Connections,
  { tables, history }: PostgresStoreSettings,
): (lease: PgLease, settlements: Settlements) => Promise<SettleReport> {
  const chain = new Chain(tables);
  const fresh = new FreshOutcomes(tables, history);
  const delayed = new DelayedOutcomes(tables, history);

  return async (lease, settlements) => {
    const { token } = lease;
    const { all, unknown } = ofLease(settlements, token);
    const messages = messagesOf(all);
    const held = (column: string): string => heldBy(tables, token, column);
    const partitions = [...new Set(messages.map((message) => refOf(message).partition))].toSorted(
      (a, b) => a - b,
    );
    const sinks = [...fresh.statements(all, held), ...delayed.statements(all, held)];
    const keys = keysLeft(messages);
    const found = await connections.change([
      fence(tables, token, partitions),
      `SELECT wanted IS NOT NULL FROM ${tables.leases} WHERE token = ${text(token)}`,
      ...sinks.map(({ sql }) => sql),
      ...(keys.length > 0 ? [chain.promote(keys)] : []),
      ...(lease.state.lossy ? survived(tables, all, held) : []),
    ]);
    const wanted = found[1]?.[0]?.[0] === 't';
    const missing = new Set<number>();
    for (const [at, { missed }] of sinks.entries()) {
      for (const position of missed(found[2 + at] ?? [])) missing.add(position);
    }
    if (missing.size === 0)
      return { settled: messages.length, alreadySettled: [], lost: [], unknown, wanted };
    const absent = messages.filter((message) => missing.has(refOf(message).position));
    const owned = new Set((found[0] ?? []).map(([number]) => Number(number)));
    const there = await present(connections, tables, absent);
    const isLost = (message: ClaimedMessage): boolean =>
      !owned.has(refOf(message).partition) && there.has(refOf(message).position);
    return {
      settled: messages.length - absent.length,
      alreadySettled: absent.filter((message) => !isLost(message)).map(({ id }) => id),
      lost: absent.filter(isLost).map(({ id }) => id),
      unknown,
      wanted,
    };
  };
}

/** Leaves out what another lease has yielded, and what stands in a list twice. */
function ofLease(
  { accepted, retry, dead, returned }: Settlements,
  token: string,
): { readonly all: Settlements; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const mine = (message: ClaimedMessage): boolean => {
    const own = refOf(message)?.token === token;
    if (!own) unknown.push(message.id);
    return own;
  };
  const all = {
    accepted: accepted.filter(mine),
    retry: retry.filter(({ message }) => mine(message)),
    dead: dead.filter(({ message }) => mine(message)),
    returned: returned.filter(mine),
  };
  return { all, unknown };
}

function messagesOf({ accepted, retry, dead, returned }: Settlements): readonly ClaimedMessage[] {
  return [
    ...accepted,
    ...retry.map(({ message }) => message),
    ...dead.map(({ message }) => message),
    ...returned,
  ];
}

/** Keys of delayed messages, from whose chains a row may have left. */
function keysLeft(messages: readonly ClaimedMessage[]): readonly (readonly [topic: string, key: string])[] {
  const keys = new Map<string, readonly [topic: string, key: string]>();
  for (const message of messages) {
    if (message.key !== null && refOf(message).delayed !== null)
      keys.set(`${message.topic}\0${message.key}`, [message.topic, message.key]);
  }
  return [...keys.values()];
}

/** Clears the count of losses of partitions in which something was recorded, as far as no suspect is left there. */
function survived(
  tables: Tables,
  { accepted, retry, dead }: Settlements,
  held: (column: string) => string,
): readonly string[] {
  const counts = new Map<number, number>();
  for (const message of [
    ...accepted,
    ...retry.map(({ message: each }) => each),
    ...dead.map(({ message: each }) => each),
  ]) {
    const { partition, suspect } = refOf(message);
    counts.set(partition, (counts.get(partition) ?? 0) + Number(suspect));
  }
  if (counts.size === 0) return [];
  const source = `unnest(${numbers([...counts.keys()], 'smallint')}, ${numbers([...counts.values()], 'integer')}) AS e (partition_no, suspects)`;
  return [
    `UPDATE ${tables.partitions} AS p SET suspect_left = greatest(0, p.suspect_left - e.suspects), losses = CASE WHEN p.suspect_left <= e.suspects THEN 0 ELSE p.losses END FROM ${source} WHERE p.partition_no = e.partition_no AND p.losses > 0 AND ${held('p.partition_no')}`,
  ];
}

/** Which of the messages still have a row. */
async function present(
  connections: Connections,
  { messages, delayed }: Tables,
  absent: readonly ClaimedMessage[],
): Promise<ReadonlySet<number>> {
  const positions = `'{${absent.map((message) => whole(refOf(message).position)).join(',')}}'::bigint[]`;
  const rows = await connections.look([
    `SELECT m.position FROM ${messages} AS m WHERE m.position = ANY(${positions}) UNION ALL SELECT d.position FROM ${delayed} AS d WHERE d.position = ANY(${positions}) AND NOT d.dead`,
  ]);
  return new Set((rows[0] ?? []).map(([position]) => Number(position)));
}
