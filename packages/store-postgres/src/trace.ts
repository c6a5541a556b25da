import type { MessageTrace } from '@outrelay/core';
import type { PgRow } from './client.ts';
import { text } from './literal.ts';
import { timeOf } from './row.ts';
import { epochMs, NOW, type Tables } from './tables.ts';

const COLUMNS = `id, topic, message_key, ${epochMs('created_at')}`;

/** Statements that find where messages with an id are: fresh, delayed, dead and sent ones, each with the newest first. */
export function traceSql({ messages, delayed, deadLetters, history }: Tables, id: string): readonly string[] {
  // A delayed row is pending when it could be published now: it is due, or follows a due one, and nothing holds it.
  const head = `(SELECT NOT h.dead AND h.available_at <= ${NOW} FROM ${delayed} AS h WHERE h.blocks AND h.topic = d.topic AND h.message_key = d.message_key ORDER BY h.position LIMIT 1)`;
  const due = `CASE WHEN d.available_at > ${NOW} THEN false ELSE coalesce(${head}, true) END`;
  const heldFresh = `coalesce((SELECT h.dead OR h.available_at > ${NOW} FROM ${delayed} AS h WHERE h.blocks AND h.topic = m.topic AND h.message_key = m.message_key AND h.position < m.position ORDER BY h.position LIMIT 1), false)`;
  const wanted = text(id);
  return [
    `SELECT ${COLUMNS}, CASE WHEN ${heldFresh} THEN 'waiting' ELSE 'pending' END, 0, NULL, NULL FROM ${messages} AS m WHERE m.id = ${wanted}`,
    `SELECT ${COLUMNS}, CASE WHEN ${due} THEN 'pending' ELSE 'waiting' END, attempts, CASE WHEN NOT ${due} THEN ${epochMs('available_at')} END, last_error FROM ${delayed} AS d WHERE d.id = ${wanted} AND NOT d.dead ORDER BY d.position DESC`,
    `SELECT ${COLUMNS}, 'dead', attempts, ${epochMs('dead_at')}, error FROM ${deadLetters} WHERE id = ${wanted} ORDER BY dead_no DESC`,
    `SELECT ${COLUMNS}, 'sent', attempts, ${epochMs('sent_at')}, NULL FROM ${history} WHERE id = ${wanted} ORDER BY sent_at DESC`,
  ];
}

/** What the statements of {@link traceSql} found. */
export function traceOf([id, topic, key, createdAt, state, attempts, at, error]: PgRow): MessageTrace {
  return {
    id: id as string,
    topic: topic as string,
    key: key ?? null,
    state: state as MessageTrace['state'],
    createdAt: timeOf(createdAt),
    attempts: Number(attempts),
    at: at === null ? null : timeOf(at),
    error: error ?? null,
  };
}
