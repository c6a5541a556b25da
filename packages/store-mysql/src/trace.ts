import type { MessageTrace } from '@outrelay/core';
import { rowsOf, type Session } from './connections.ts';
import { text } from './literal.ts';
import { timeOf } from './row.ts';
import { NOW, type Tables } from './tables.ts';

const COLUMNS = 'id, topic, message_key, created_at';

/** Finds where messages with an id are, in the order fresh, delayed, dead, sent, each with the newest first. */
export function tracer({
  messages,
  delayed,
  deadLetters,
  history,
}: Tables): (session: Session, id: string) => Promise<readonly MessageTrace[]> {
  const chain = `${delayed} AS h FORCE INDEX (outbox_delayed_chain) WHERE h.blocks = 1`;
  // A delayed row is pending when it could be published now: it is due, or follows a due one, and nothing holds it.
  const head = `(SELECT h.dead = 0 AND h.available_at <= ${NOW} FROM ${chain} AND h.topic = d.topic AND h.message_key = d.message_key ORDER BY h.position LIMIT 1)`;
  const due = `IF(d.available_at > ${NOW}, 0, COALESCE(${head}, 1))`;
  const heldFresh = `COALESCE((SELECT h.dead = 1 OR h.available_at > ${NOW} FROM ${chain} AND h.topic = m.topic AND h.message_key = m.message_key AND h.position < m.position ORDER BY h.position LIMIT 1), 0)`;
  const statements = [
    (id: string) =>
      `SELECT ${COLUMNS}, IF(${heldFresh}, 'waiting', 'pending'), 0, NULL, NULL FROM ${messages} AS m WHERE id = ${id} AND parked = 0`,
    (id: string) =>
      `SELECT ${COLUMNS}, IF(${due}, 'pending', 'waiting'), attempts, IF(${due}, NULL, available_at), last_error FROM ${delayed} AS d WHERE id = ${id} AND dead = 0 ORDER BY position DESC`,
    (id: string) =>
      `SELECT ${COLUMNS}, 'dead', attempts, dead_at, error FROM ${deadLetters} WHERE id = ${id} ORDER BY dead_no DESC`,
    (id: string) =>
      `SELECT ${COLUMNS}, 'sent', attempts, sent_at, NULL FROM ${history} WHERE id = ${id} ORDER BY sent_at DESC, position DESC`,
  ];
  return async (session, id) => {
    const answers = await session.script(statements.map((statement) => statement(text(id))));
    return answers.flatMap((answer) => rowsOf(answer).map(traceOf));
  };
}

function traceOf(row: readonly unknown[]): MessageTrace {
  const [id, topic, key, createdAt, state, attempts, at, error] = row;
  return {
    id: id as string,
    topic: topic as string,
    key: key as string | null,
    state: state as MessageTrace['state'],
    createdAt: timeOf(createdAt),
    attempts: attempts as number,
    at: at === null ? null : timeOf(at),
    error: error as string | null,
  };
}
