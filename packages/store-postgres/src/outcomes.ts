import type { ClaimedMessage, DeadSettlement, RetrySettlement, Settlements } from '@outrelay/core';
import type { PgRow } from './client.ts';
import { json, numbers } from './literal.ts';
import type { PostgresStoreSettings } from './options.ts';
import { CONTENT, refOf } from './row.ts';
import { CLOCK, CLOCK_MS, type Tables } from './tables.ts';

/** A statement that records the outcomes of some messages of one kind. */
export interface OutcomeStatement {
  readonly sql: string;
  /** The positions of messages that were not there as they were yielded, from the rows that the statement answered. */
  readonly missed: (rows: readonly PgRow[]) => readonly number[];
}

/** A condition on the number of a partition in the named column. */
type Held = (column: string) => string;

type HistorySetting = PostgresStoreSettings['history'];

const LETTER = `position, ${CONTENT}, attempts, redrives, reason, blocking, dead_at, error`;

/** Answers with one row that is empty when all rows were there, and else says which were. */
function recorded(count: number): string {
  return `SELECT CASE WHEN count(*) < ${count} THEN coalesce(array_to_string(array_agg(position), ','), '') END FROM gone`;
}

function missedOf(messages: readonly ClaimedMessage[]): OutcomeStatement['missed'] {
  return ([row]) => {
    const there = row?.[0];
    if (there === null) return [];
    const known = new Set((there ?? '').split(','));
    return messages
      .map((message) => refOf(message).position)
      .filter((position) => !known.has(String(position)));
  };
}

/** Keeps what the history setting asks for of the rows in `gone`; `attempts` is an expression over them. */
function remember({ history }: Tables, setting: HistorySetting, attempts: string): string {
  if (setting === 'none') return '';
  const columns = `id, topic, message_key, created_at${setting === 'full' ? ', content_type, headers, payload, payload_bytes' : ''}`;
  return `, kept AS (INSERT INTO ${history} (${columns}, sent_at, attempts) SELECT ${columns}, ${CLOCK}, ${attempts} FROM gone)`;
}

function positionsOf(messages: readonly ClaimedMessage[]): string {
  return numbers(
    messages.map((message) => refOf(message).position),
    'bigint',
  );
}

const isFresh = (message: ClaimedMessage): boolean => refOf(message).delayed === null;
const after = (column: string): string => `${CLOCK} + ${column} * interval '1 millisecond'`;

function retryRow({ message, delayMs, error }: RetrySettlement): object {
  const { position, delayed } = refOf(message);
  return {
    position,
    attempt: message.attempt,
    delay_ms: delayMs,
    error: withoutNul(error),
    was: delayed?.attempts,
    redriven: delayed?.redrives,
    due: delayed?.availableAt,
  };
}

function letterRow({ message, reason, error, block }: DeadSettlement): object {
  const { position, delayed } = refOf(message);
  const blocks = block && message.key !== null;
  return {
    position,
    attempt: message.attempt,
    reason,
    error: withoutNul(error),
    block: blocks,
    was: delayed?.attempts,
    redriven: delayed?.redrives,
  };
}

/** An error text may hold what PostgreSQL does not keep. */
function withoutNul(error: string): string {
  return error.replaceAll('\0', '\u2400').toWellFormed();
}

const RETRIES =
  'AS o (position bigint, attempt integer, delay_ms double precision, error text, was integer, redriven integer, due text)';
const LETTERS =
  'AS o (position bigint, attempt integer, reason text, error text, block boolean, was integer, redriven integer)';

/** Outcomes of messages that were fresh: retries and markers move to the delayed rows, everything else leaves. */
export class FreshOutcomes {
  readonly #tables: Tables;
  readonly #history: HistorySetting;

  constructor(tables: Tables, history: HistorySetting) {
    this.#tables = tables;
    this.#history = history;
  }

  statements({ accepted, retry, dead, returned }: Settlements, held: Held): readonly OutcomeStatement[] {
    return [
      ...this.#accept(accepted.filter(isFresh), held),
      ...this.#retry(
        retry.filter(({ message }) => isFresh(message)),
        held,
      ),
      ...this.#bury(
        dead.filter(({ message }) => isFresh(message)),
        held,
      ),
      ...this.#return(returned.filter(isFresh), held),
    ];
  }

  #accept(messages: readonly ClaimedMessage[], held: Held): readonly OutcomeStatement[] {
    if (messages.length === 0) return [];
    const columns = this.#history === 'none' ? 'position' : `position, ${CONTENT}`;
    const gone = `DELETE FROM ${this.#tables.messages} AS m WHERE m.position = ANY(${positionsOf(messages)}) AND ${held('m.partition_no')} RETURNING ${columns}`;
    const kept = remember(this.#tables, this.#history, '1');
    return [
      { sql: `WITH gone AS (${gone})${kept} ${recorded(messages.length)}`, missed: missedOf(messages) },
    ];
  }

  #retry(retries: readonly RetrySettlement[], held: Held): readonly OutcomeStatement[] {
    if (retries.length === 0) return [];
    const given = `json_to_recordset(${json(retries.map(retryRow))}) ${RETRIES}`;
    const gone = `DELETE FROM ${this.#tables.messages} AS m USING ${given} WHERE m.position = o.position AND ${held('m.partition_no')} RETURNING m.position, ${CONTENT}, o.attempt, o.delay_ms, o.error`;
    const moved = `INSERT INTO ${this.#tables.delayed} (position, ${CONTENT}, available_at, attempts, redrives, blocks, last_error) SELECT position, ${CONTENT}, ${after('delay_ms')}, attempt, 0, message_key IS NOT NULL, error FROM gone`;
    const messages = retries.map(({ message }) => message);
    return [
      {
        sql: `WITH gone AS (${gone}), moved AS (${moved}) ${recorded(messages.length)}`,
        missed: missedOf(messages),
      },
    ];
  }

  #bury(letters: readonly DeadSettlement[], held: Held): readonly OutcomeStatement[] {
    if (letters.length === 0) return [];
    const { messages, delayed, deadLetters } = this.#tables;
    const given = `json_to_recordset(${json(letters.map(letterRow))}) ${LETTERS}`;
    const gone = `DELETE FROM ${messages} AS m USING ${given} WHERE m.position = o.position AND ${held('m.partition_no')} RETURNING m.position, ${CONTENT}, o.attempt, o.reason, o.error, o.block`;
    const kept = `INSERT INTO ${deadLetters} (${LETTER}) SELECT position, ${CONTENT}, attempt, 0, reason, block, ${CLOCK_MS}, error FROM gone ORDER BY position`;
    const marked = `INSERT INTO ${delayed} (position, id, topic, message_key, content_type, created_at, attempts, redrives, blocks, dead, headers) SELECT position, id, topic, message_key, content_type, created_at, 0, 0, true, true, '{}' FROM gone WHERE block`;
    const all = letters.map(({ message }) => message);
    return [
      {
        sql: `WITH gone AS (${gone}), kept AS (${kept}), marked AS (${marked}) ${recorded(all.length)}`,
        missed: missedOf(all),
      },
    ];
  }

  #return(messages: readonly ClaimedMessage[], held: Held): readonly OutcomeStatement[] {
    if (messages.length === 0) return [];
    const gone = `SELECT m.position FROM ${this.#tables.messages} AS m WHERE m.position = ANY(${positionsOf(messages)}) AND ${held('m.partition_no')}`;
    return [{ sql: `WITH gone AS (${gone}) ${recorded(messages.length)}`, missed: missedOf(messages) }];
  }
}

/** Outcomes of messages that were delayed: each row must be as it was yielded, or the outcome was recorded before. */
export class DelayedOutcomes {
  readonly #tables: Tables;
  readonly #history: HistorySetting;

  constructor(tables: Tables, history: HistorySetting) {
    this.#tables = tables;
    this.#history = history;
  }

  statements({ accepted, retry, dead, returned }: Settlements, held: Held): readonly OutcomeStatement[] {
    const late = (message: ClaimedMessage): boolean => !isFresh(message);
    return [
      ...this.#accept(accepted.filter(late), held),
      ...this.#retry(
        retry.filter(({ message }) => late(message)),
        held,
      ),
      ...this.#bury(
        dead.filter(({ message }) => late(message)),
        held,
      ),
      ...this.#return(returned.filter(late), held),
    ];
  }

  #as(alias: string, held: Held): string {
    return `d.position = ${alias}.position AND NOT d.dead AND d.attempts = ${alias}.was AND d.redrives = ${alias}.redriven AND ${held('d.partition_no')}`;
  }

  #given(messages: readonly ClaimedMessage[]): string {
    const rows = messages.map((message) => {
      const { position, delayed, suspect } = refOf(message);
      return {
        position,
        was: delayed?.attempts,
        redriven: delayed?.redrives,
        attempt: message.attempt,
        suspect,
      };
    });
    return `json_to_recordset(${json(rows)}) AS o (position bigint, was integer, redriven integer, attempt integer, suspect boolean)`;
  }

  #accept(messages: readonly ClaimedMessage[], held: Held): readonly OutcomeStatement[] {
    if (messages.length === 0) return [];
    const gone = `DELETE FROM ${this.#tables.delayed} AS d USING ${this.#given(messages)} WHERE ${this.#as('o', held)} RETURNING d.position, ${CONTENT}, o.attempt`;
    const kept = remember(this.#tables, this.#history, 'attempt');
    return [
      { sql: `WITH gone AS (${gone})${kept} ${recorded(messages.length)}`, missed: missedOf(messages) },
    ];
  }

  #retry(retries: readonly RetrySettlement[], held: Held): readonly OutcomeStatement[] {
    if (retries.length === 0) return [];
    const given = `json_to_recordset(${json(retries.map(retryRow))}) ${RETRIES}`;
    const gone = `UPDATE ${this.#tables.delayed} AS d SET available_at = ${after('o.delay_ms')}, attempts = o.attempt, last_error = o.error, blocks = d.message_key IS NOT NULL FROM ${given} WHERE ${this.#as('o', held)} AND (o.due IS NULL OR d.available_at::text = o.due) RETURNING d.position`;
    const messages = retries.map(({ message }) => message);
    return [{ sql: `WITH gone AS (${gone}) ${recorded(messages.length)}`, missed: missedOf(messages) }];
  }

  #bury(letters: readonly DeadSettlement[], held: Held): readonly OutcomeStatement[] {
    if (letters.length === 0) return [];
    const { delayed, deadLetters } = this.#tables;
    const messages = letters.map(({ message }) => message);
    const given = (block: boolean): string =>
      `json_to_recordset(${json(letters.map(letterRow))}) ${LETTERS} WHERE ${this.#as('o', () => 'true')} AND o.block = ${block}`;
    const kept = `INSERT INTO ${deadLetters} (${LETTER}) SELECT d.position, ${CONTENT}, o.attempt, d.redrives, o.reason, o.block, ${CLOCK_MS}, o.error FROM ${delayed} AS d, json_to_recordset(${json(letters.map(letterRow))}) ${LETTERS} WHERE ${this.#as('o', held)} ORDER BY d.position RETURNING position`;
    return [
      { sql: `WITH gone AS (${kept}) ${recorded(messages.length)}`, missed: missedOf(messages) },
      {
        sql: `DELETE FROM ${delayed} AS d USING ${given(false)} AND ${held('d.partition_no')}`,
        missed: () => [],
      },
      {
        sql: `UPDATE ${delayed} AS d SET dead = true, blocks = true, available_at = NULL, headers = '{}', payload = NULL, payload_bytes = NULL, last_error = NULL FROM ${given(true)} AND ${held('d.partition_no')}`,
        missed: () => [],
      },
    ];
  }

  #return(messages: readonly ClaimedMessage[], held: Held): readonly OutcomeStatement[] {
    const suspects = messages.filter((message) => refOf(message).suspect);
    const others = messages.filter((message) => !refOf(message).suspect);
    const statements: OutcomeStatement[] = [];
    if (suspects.length > 0) {
      // They never reached the broker, so the charge for being a suspect is taken back.
      const gone = `UPDATE ${this.#tables.delayed} AS d SET attempts = d.attempts - 1 FROM ${this.#given(suspects)} WHERE ${this.#as('o', held)} RETURNING d.position`;
      statements.push({
        sql: `WITH gone AS (${gone}) ${recorded(suspects.length)}`,
        missed: missedOf(suspects),
      });
    }
    if (others.length > 0) {
      const gone = `SELECT d.position FROM ${this.#tables.delayed} AS d, ${this.#given(others)} WHERE ${this.#as('o', held)}`;
      statements.push({ sql: `WITH gone AS (${gone}) ${recorded(others.length)}`, missed: missedOf(others) });
    }
    return statements;
  }
}
