import type { AppendReport, Headers, NewMessage } from '@outrelay/core';
import { isDuplicate } from './errors.ts';
import { bytes, type Literal, text, time } from './literal.ts';
import { lockStatement } from './order-locks.ts';
import { quoted, type Tables } from './tables.ts';

/** A transaction of the caller, in which statements are run one after the other. */
export interface CallerTransaction {
  /** Runs a statement and answers with the number of rows it changed. */
  execute(sql: string): Promise<number>;
  /**
   * Whether the first statement itself has to refuse to run outside of a transaction, which it can on MariaDB; the
   * handle tells such a refusal from other errors.
   */
  readonly guarded: boolean;
}

/** Characters of one statement: far below the 16 MiB that servers take by default, and few round trips. */
const STATEMENT_LENGTH = 1_000_000;

const SAVEPOINT = 'outrelay_append';

/** A message with its row as a statement needs it. */
interface Row {
  readonly message: NewMessage;
  readonly values: string;
}

/**
 * Writes messages in the caller's transaction, all or none: as many as fit into a statement with one.
 *
 * A repeated id makes the statement fail, and only the statement: it is then found by halves. Asking before would cost
 * a round trip each time, and IGNORE would turn other errors into warnings as well.
 */
export function appender(
  tables: Tables,
): (transaction: CallerTransaction, messages: readonly NewMessage[]) => Promise<AppendReport> {
  const index = quoted('outbox_messages_id');
  const columns = 'parked, id, topic, message_key, content_type, headers, payload, payload_bytes';
  const insert = (values: readonly string[]): string =>
    `INSERT INTO ${tables.messages} (${columns}) VALUES ${values.join(',')}`;
  const schedule = (messages: readonly NewMessage[]): string =>
    `INSERT INTO ${tables.delayed} (position, id, topic, message_key, content_type, created_at, available_at, scheduled_at, attempts, redrives, blocks, headers, payload, payload_bytes) SELECT m.position, m.id, m.topic, m.message_key, m.content_type, m.created_at, v.due, v.due, 0, 0, 0, v.headers, v.payload, v.payload_bytes FROM (${messages.map(scheduledValues).join(' UNION ALL ')}) AS v STRAIGHT_JOIN ${tables.messages} AS m FORCE INDEX (${index}) ON m.id = v.id`;

  /** Inserts what is not there yet, and answers which messages are. */
  async function insertNew(transaction: CallerTransaction, rows: readonly Row[]): Promise<NewMessage[]> {
    try {
      await transaction.execute(insert(rows.map(({ values }) => values)));
      return [];
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const [only] = rows;
      if (rows.length === 1 && only !== undefined) return [only.message];
      const middle = rows.length >> 1;
      const first = await insertNew(transaction, rows.slice(0, middle));
      return [...first, ...(await insertNew(transaction, rows.slice(middle)))];
    }
  }

  async function insertChunks(
    transaction: CallerTransaction,
    chunks: readonly (readonly Row[])[],
  ): Promise<ReadonlySet<NewMessage>> {
    const present = new Set<NewMessage>();
    for (const chunk of chunks) {
      for (const message of await insertNew(transaction, chunk)) present.add(message);
      const scheduled = chunk
        .map(({ message }) => message)
        .filter((message) => isScheduled(message) && !present.has(message));
      if (scheduled.length > 0) await transaction.execute(schedule(scheduled));
    }
    return present;
  }

  return async (transaction, messages) => {
    const { fresh, repeated } = withoutRepeats(messages);
    const lock = lockStatement(tables, fresh);
    if (lock !== null) await transaction.execute(lock);
    const [first, ...more] = chunksOf(fresh, transaction.guarded);
    if (first === undefined) return { duplicates: [] };
    const single = more.length === 0 && !fresh.some(isScheduled);
    if (single) {
      try {
        await transaction.execute(insert(first.map(({ values }) => values)));
        return { duplicates: repeated };
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        if (fresh.length === 1) return { duplicates: [...idsOf(fresh), ...repeated] };
      }
    }
    await transaction.execute(`SAVEPOINT ${SAVEPOINT}`);
    try {
      const present = await insertChunks(transaction, [first, ...more]);
      await transaction.execute(`RELEASE SAVEPOINT ${SAVEPOINT}`);
      return { duplicates: [...idsOf(fresh.filter((message) => present.has(message))), ...repeated] };
    } catch (error) {
      // After a deadlock the server has rolled back everything by itself; the first error tells why.
      await transaction.execute(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`).catch(() => {});
      throw error;
    }
  };
}

function idsOf(messages: readonly NewMessage[]): readonly string[] {
  return messages.map(({ id }) => id);
}

function isScheduled({ availableAt }: NewMessage): boolean {
  return availableAt !== null;
}

function withoutRepeats(messages: readonly NewMessage[]): {
  readonly fresh: readonly NewMessage[];
  readonly repeated: readonly string[];
} {
  if (messages.length === 1) return { fresh: messages, repeated: [] };
  const ids = new Set<string>();
  const fresh: NewMessage[] = [];
  const repeated: string[] = [];
  for (const message of messages) {
    if (ids.has(message.id)) repeated.push(message.id);
    else fresh.push(message);
    ids.add(message.id);
  }
  return { fresh, repeated };
}

/** Divides messages so that each statement stays below its length; the first row of all is guarded. */
function chunksOf(messages: readonly NewMessage[], guarded: boolean): readonly (readonly Row[])[] {
  const chunks: Row[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const values = rowValues(message, guarded && chunks.length === 0);
    if (length + values.length > STATEMENT_LENGTH) {
      chunks.push([]);
      length = 0;
    }
    chunks.at(-1)?.push({ message, values });
    length += values.length;
  }
  return chunks;
}

/** Makes a value that must not be NULL into NULL outside of a transaction. MariaDB only. */
export function guardedLiteral(literal: Literal): Literal {
  return `IF(@@in_transaction OR NOT @@autocommit,${literal},NULL)`;
}

function rowValues(message: NewMessage, guarded: boolean): string {
  const { id, topic, key, contentType, payload } = message;
  const name = guarded ? guardedLiteral(text(id)) : text(id);
  const common = `${name},${text(topic)},${text(key)},${text(contentType)}`;
  // What is scheduled leaves only its id here; the content goes to the other table.
  if (isScheduled(message)) return `(1,${common},DEFAULT,NULL,NULL)`;
  const body = typeof payload === 'string' ? `${text(payload)},NULL` : `NULL,${bytes(payload)}`;
  return `(0,${common},${headersLiteral(message.headers)},${body})`;
}

function scheduledValues({ id, availableAt, headers, payload }: NewMessage): string {
  const body =
    typeof payload === 'string'
      ? `${text(payload)} AS payload, NULL AS payload_bytes`
      : `NULL AS payload, ${bytes(payload)} AS payload_bytes`;
  return `SELECT ${text(id)} AS id, CAST(${time(availableAt)} AS DATETIME(6)) AS due, ${text(JSON.stringify(headers))} AS headers, ${body}`;
}

/** Most messages have no headers, and this is faster for them. */
function headersLiteral(headers: Headers): string {
  for (const _ in headers) return text(JSON.stringify(headers));
  return 'DEFAULT';
}
