import { type AppendReport, type Headers, type NewMessage, OutboxError } from '@outrelay/core';
import { callerFailure } from './errors.ts';
import { text } from './literal.ts';
import { CLOCK, seedOf, type Tables } from './tables.ts';
import type { TransactionExecutor } from './transaction.ts';

/** The columns of the content, in the order in which they are given. */
const COLUMNS = 'id, topic, message_key, content_type, headers, payload, payload_bytes';

/** Rows as one JSON text: the one form of many values that every library can send. */
const GIVEN = `ROWS FROM (json_to_recordset($1::text::json) AS (id text, topic text, message_key text, content_type text, headers json, payload text, payload_bytes text, available_at double precision)) WITH ORDINALITY AS given (id, topic, message_key, content_type, headers, payload, payload_bytes, available_at, no)`;
const GIVEN_COLUMNS = `given.id, topic, message_key, content_type, headers, payload, decode(payload_bytes, 'base64')`;

/** The statements of an append. */
interface AppendSql {
  readonly lock: string;
  readonly one: string;
  readonly many: string;
  readonly scheduled: string;
}

function appendSql(tables: Tables, notify: boolean): AppendSql {
  const { messages, delayed, positions } = tables;
  const ring = notify ? `, pg_notify(${text(tables.channel)}, '')::text AS rung` : '';
  const notDelayed = (id: string): string =>
    `NOT EXISTS (SELECT 1 FROM ${delayed} AS d WHERE d.id = ${id} AND NOT d.dead)`;
  return {
    // Sorted, so that two transactions that append for the same keys wait for each other and never deadlock here.
    lock: `SELECT count(pg_advisory_xact_lock(number))::text AS locked FROM (SELECT DISTINCT hashtextextended(value, ${seedOf(tables)}) AS number FROM json_array_elements_text($1::text::json) AS names (value) ORDER BY number) AS numbers`,
    // Every placeholder once, and in order: some libraries only number them that way.
    one: `INSERT INTO ${messages} (${COLUMNS}) SELECT given.* FROM (SELECT $1::text AS id, $2::text, $3::text, $4::text, $5::text::json, $6::text, decode($7::text, 'base64')) AS given WHERE ${notDelayed('given.id')} ON CONFLICT DO NOTHING RETURNING id${ring}`,
    many: `INSERT INTO ${messages} (${COLUMNS}) SELECT ${GIVEN_COLUMNS} FROM ${GIVEN} WHERE ${notDelayed('given.id')} ORDER BY no ON CONFLICT DO NOTHING RETURNING id${ring}`,
    scheduled: `INSERT INTO ${delayed} (position, ${COLUMNS}, available_at, scheduled_at, created_at, attempts, redrives, blocks) SELECT nextval(${text(positions)}), id, topic, message_key, content_type, headers, payload, payload_bytes, due, due, ${CLOCK}, 0, 0, false FROM (SELECT given.id, topic, message_key, content_type, headers, payload, decode(payload_bytes, 'base64') AS payload_bytes, to_timestamp(available_at / 1000) AS due FROM ${GIVEN} WHERE ${notDelayed('given.id')} AND NOT EXISTS (SELECT 1 FROM ${messages} AS m WHERE m.id = given.id) ORDER BY no) AS wanted RETURNING id${ring}`,
  };
}

/**
 * Writes messages in the caller's transaction, all or none: PostgreSQL lets a transaction in which a statement failed
 * only be rolled back.
 *
 * An append is one statement, one more when strict or scheduled messages are among them, and one for each change between
 * scheduled messages and others, so that positions follow the order of the array.
 */
export function appender(
  tables: Tables,
  notify: boolean,
): (executor: TransactionExecutor, messages: readonly NewMessage[]) => Promise<AppendReport> {
  const sql = appendSql(tables, notify);

  async function write(
    executor: TransactionExecutor,
    run: readonly NewMessage[],
  ): Promise<readonly string[]> {
    const [first] = run;
    if (first === undefined) return [];
    const one = run.length === 1 && first.availableAt === null;
    const statement = first.availableAt !== null ? sql.scheduled : one ? sql.one : sql.many;
    const rows = await executor.query(statement, one ? valuesOf(first) : [JSON.stringify(run.map(rowOf))]);
    if (rows.length === run.length) return [];
    const written = new Set(rows.map((row) => row['id']));
    return run.flatMap(({ id }) => (written.delete(id) ? [] : [id]));
  }

  return async (executor, messages) => {
    for (const { payload } of messages) if (typeof payload === 'string') refuseNul(payload);
    try {
      const locks = messages.flatMap(lockName);
      if (locks.length > 0) await executor.query(sql.lock, [JSON.stringify(locks)]);
      const duplicates: string[] = [];
      for (const run of runsOf(messages)) {
        const { first, repeated } =
          run[0]?.availableAt === null ? { first: run, repeated: [] } : unrepeated(run);
        duplicates.push(...(await write(executor, first)), ...repeated);
      }
      return { duplicates };
    } catch (error) {
      throw callerFailure(error, executor.kind);
    }
  };
}

/** What has to be locked before a message may draw its position, or before its id may be compared. */
function lockName({ ordering, topic, key, id, availableAt }: NewMessage): readonly string[] {
  if (ordering === 'strict') return [`key ${topic}\u001f${key}`];
  // Scheduled rows have no unique index: a row that is moved aside must never be refused for its id.
  return availableAt === null ? [] : [`id ${id}`];
}

/** Cuts messages into stretches that go into one table. */
function runsOf(messages: readonly NewMessage[]): readonly (readonly NewMessage[])[] {
  const runs: NewMessage[][] = [];
  for (const message of messages) {
    const last = runs.at(-1);
    if (last !== undefined && (last[0]?.availableAt === null) === (message.availableAt === null))
      last.push(message);
    else runs.push([message]);
  }
  return runs;
}

function unrepeated(run: readonly NewMessage[]): {
  first: readonly NewMessage[];
  repeated: readonly string[];
} {
  const seen = new Set<string>();
  const first = run.filter(({ id }) => !seen.has(id) && seen.add(id));
  return { first, repeated: run.filter((message) => !first.includes(message)).map(({ id }) => id) };
}

function valuesOf({ id, topic, key, contentType, headers, payload }: NewMessage): readonly (string | null)[] {
  return [id, topic, key, contentType, headersText(headers), textOf(payload), bytesOf(payload)];
}

function rowOf({ id, topic, key, contentType, headers, payload, availableAt }: NewMessage): object {
  return {
    id,
    topic,
    message_key: key,
    content_type: contentType,
    headers,
    payload: textOf(payload),
    payload_bytes: bytesOf(payload),
    available_at: availableAt?.getTime(),
  };
}

function textOf(payload: NewMessage['payload']): string | null {
  return typeof payload === 'string' ? payload : null;
}

function bytesOf(payload: NewMessage['payload']): string | null {
  if (payload === null || typeof payload === 'string') return null;
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64');
}

/** Most messages have no headers, and this is much faster for them. */
function headersText(headers: Headers): string {
  for (const _ in headers) return JSON.stringify(headers);
  return '{}';
}

/** The server would refuse it too, and take the caller's transaction with it. */
function refuseNul(payload: string): void {
  if (!payload.includes('\0')) return;
  throw new OutboxError(
    'MESSAGE_INVALID',
    'The message cannot be stored: its payload is a text with a NUL character, which PostgreSQL does not keep. Pass it as a Uint8Array. Nothing was written.',
  );
}
