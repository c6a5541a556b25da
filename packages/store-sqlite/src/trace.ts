import type { MessageTrace } from '@outrelay/core';
import type { SqliteRow } from './client.ts';
import type { Session } from './connection.ts';
import { NOW_MS, type Tables } from './tables.ts';

const COLUMNS = 'id, topic, message_key, created_at';

/** Finds where messages with an id are, in the order fresh, delayed, dead, sent, each with the newest first. */
export function tracer({
  messages,
  delayed,
  deadLetters,
  history,
}: Tables): (session: Session, id: string) => readonly MessageTrace[] {
  // A delayed row is pending when it could be published now: it is due, or follows a due one, and nothing holds it.
  const head = `(SELECT h.dead = 0 AND h.available_at <= ${NOW_MS} FROM ${delayed} AS h WHERE h.blocks = 1 AND h.topic = d.topic AND h.message_key = d.message_key ORDER BY h.position LIMIT 1)`;
  const due = `CASE WHEN d.available_at > ${NOW_MS} THEN 0 ELSE coalesce(${head}, 1) END`;
  const heldFresh = `coalesce((SELECT h.dead = 1 OR h.available_at > ${NOW_MS} FROM ${delayed} AS h WHERE h.blocks = 1 AND h.topic = m.topic AND h.message_key = m.message_key AND h.position < m.position ORDER BY h.position LIMIT 1), 0)`;
  const sql = [
    `SELECT ${COLUMNS}, iif(${heldFresh}, 'waiting', 'pending') AS state, 0 AS attempts, NULL AS at, NULL AS error FROM ${messages} AS m WHERE id = ?`,
    `SELECT ${COLUMNS}, iif(${due}, 'pending', 'waiting') AS state, attempts, iif(${due}, NULL, available_at) AS at, last_error FROM ${delayed} AS d WHERE id = ? AND dead = 0 ORDER BY position DESC`,
    `SELECT ${COLUMNS}, 'dead' AS state, attempts, dead_at, error FROM ${deadLetters} WHERE id = ? ORDER BY dead_no DESC`,
    `SELECT ${COLUMNS}, 'sent' AS state, attempts, sent_at, NULL AS error FROM ${history} WHERE id = ? ORDER BY sent_no DESC`,
  ];
  return (session, id) => sql.flatMap((statement) => session.rows(statement, id).map(traceOf));
}

function traceOf(row: SqliteRow): MessageTrace {
  const [id, topic, key, createdAt, state, attempts, at, error] = row as [
    string,
    string,
    string | null,
    number,
    MessageTrace['state'],
    number,
    number | null,
    string | null,
  ];
  return {
    id,
    topic,
    key,
    state,
    createdAt: new Date(createdAt),
    attempts,
    at: at === null ? null : new Date(at),
    error,
  };
}
