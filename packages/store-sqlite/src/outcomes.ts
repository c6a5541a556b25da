import type { ClaimedMessage, DeadSettlement } from '@outrelay/core';
import type { SqliteValue } from './client.ts';
import type { Session } from './connection.ts';
import type { SqliteStoreSettings } from './options.ts';
import { CONTENT_COLUMNS, type Run, refOf } from './row.ts';
import type { Tables } from './tables.ts';

/** Records the outcome of one message; every verb answers whether the row was there as it was yielded. */
export interface OutcomeSink {
  /** @param availableAt - milliseconds since 1970 */
  retry(session: Session, message: ClaimedMessage, availableAt: number, error: string): boolean;
  die(session: Session, letter: DeadSettlement, now: number): boolean;
  giveBack(session: Session, message: ClaimedMessage): boolean;
}

type HistorySetting = SqliteStoreSettings['history'];

const LETTER_COLUMNS = `position, ${CONTENT_COLUMNS}, attempts, redrives, reason, blocking, dead_at, error`;

/** The statement that remembers sent messages, up to its condition; `null` when nothing is remembered. */
function remember({ history }: Tables, setting: HistorySetting, from: string): string | null {
  if (setting === 'none') return null;
  const columns = `id, topic, message_key, created_at${setting === 'full' ? ', content_type, headers, payload' : ''}`;
  return `INSERT INTO ${history} (${columns}, sent_at, attempts) SELECT ${columns}, ?, ? FROM ${from}`;
}

const flag = (value: boolean): number => (value ? 1 : 0);

/** Outcomes of messages that were fresh: retries and markers move to the delayed rows, everything else leaves. */
export class FreshOutcomes implements OutcomeSink {
  readonly #remember: string | null;
  readonly #from: string;
  readonly #present: string;
  readonly #retry: string;
  readonly #letter: string;
  readonly #marker: string;
  readonly #remove: string;
  readonly #exists: string;

  constructor(tables: Tables, history: HistorySetting) {
    const { messages, delayed, deadLetters } = tables;
    const from = `FROM ${messages} WHERE position = ?`;
    this.#from = messages;
    this.#remember = remember(tables, history, messages);
    this.#present = `SELECT position FROM ${messages} WHERE position IN (SELECT value FROM json_each(?))`;
    this.#retry = `INSERT INTO ${delayed} (position, ${CONTENT_COLUMNS}, available_at, attempts, redrives, blocks, last_error) SELECT position, ${CONTENT_COLUMNS}, ?, ?, 0, message_key IS NOT NULL, ? ${from}`;
    this.#letter = `INSERT INTO ${deadLetters} (${LETTER_COLUMNS}) SELECT position, ${CONTENT_COLUMNS}, ?, 0, ?, ?, ?, ? ${from}`;
    this.#marker = `INSERT INTO ${delayed} (position, id, topic, message_key, content_type, created_at, attempts, redrives, blocks, dead, headers) SELECT position, id, topic, message_key, content_type, created_at, 0, 0, 1, 1, '{}' ${from} AND message_key IS NOT NULL`;
    this.#remove = `DELETE ${from}`;
    this.#exists = `SELECT EXISTS (SELECT 1 ${from})`;
  }

  /** Which of the messages still have their rows. */
  present(session: Session, messages: readonly ClaimedMessage[]): ReadonlySet<number> {
    const positions = messages.map((message) => refOf(message).position);
    return new Set(
      session.rows(this.#present, JSON.stringify(positions)).map(([position]) => position as number),
    );
  }

  /** Removes and remembers sent messages that are a run, and answers how many rows that were. */
  acceptRun(session: Session, { topic, first, last }: Run, now: number): number {
    return topic === null
      ? this.#accept(session, 'position BETWEEN ? AND ?', [first, last], now)
      : this.#accept(session, 'position BETWEEN ? AND ? AND topic = ?', [first, last, topic], now);
  }

  /** Removes and remembers sent messages, and answers how many rows that were. */
  acceptAll(session: Session, messages: readonly ClaimedMessage[], now: number): number {
    if (messages.length === 0) return 0;
    const positions = JSON.stringify(messages.map((message) => refOf(message).position));
    return this.#accept(session, 'position IN (SELECT value FROM json_each(?))', [positions], now);
  }

  #accept(session: Session, condition: string, parameters: readonly SqliteValue[], now: number): number {
    if (this.#remember !== null) {
      session.run(`${this.#remember} WHERE ${condition} ORDER BY position`, now, 1, ...parameters);
    }
    return session.run(`DELETE FROM ${this.#from} WHERE ${condition}`, ...parameters);
  }

  retry(session: Session, message: ClaimedMessage, availableAt: number, error: string): boolean {
    const { position } = refOf(message);
    if (session.run(this.#retry, availableAt, message.attempt, error, position) === 0) return false;
    session.run(this.#remove, position);
    return true;
  }

  die(session: Session, { message, reason, error, block }: DeadSettlement, now: number): boolean {
    const { position } = refOf(message);
    if (session.run(this.#letter, message.attempt, reason, flag(block), now, error, position) === 0)
      return false;
    if (block) session.run(this.#marker, position);
    session.run(this.#remove, position);
    return true;
  }

  giveBack(session: Session, message: ClaimedMessage): boolean {
    return session.row(this.#exists, refOf(message).position)?.[0] === 1;
  }
}

/** Outcomes of messages that were delayed. */
export class DelayedOutcomes implements OutcomeSink {
  readonly #remember: string | null;
  readonly #retry: string;
  readonly #letter: string;
  readonly #marker: string;
  readonly #remove: string;
  readonly #exists: string;
  readonly #uncharge: string;

  constructor(tables: Tables, history: HistorySetting) {
    const { delayed, deadLetters } = tables;
    // As it was yielded: a settle that is repeated finds the row gone, charged, redriven or with another time.
    const yielded = 'WHERE position = ? AND dead = 0 AND attempts = ? AND redrives = ?';
    // A row that was behind another has a time since a settle of that one made it the first of its chain.
    const remembering = remember(tables, history, delayed);
    this.#remember = remembering === null ? null : `${remembering} ${yielded}`;
    this.#retry = `UPDATE ${delayed} SET available_at = ?, attempts = ?, last_error = ?, blocks = (message_key IS NOT NULL) ${yielded} AND available_at IS coalesce(?, available_at)`;
    this.#letter = `INSERT INTO ${deadLetters} (${LETTER_COLUMNS}) SELECT position, ${CONTENT_COLUMNS}, ?, redrives, ?, ?, ?, ? FROM ${delayed} ${yielded}`;
    this.#marker = `UPDATE ${delayed} SET dead = 1, blocks = 1, available_at = NULL, headers = '{}', payload = NULL, last_error = NULL ${yielded}`;
    this.#remove = `DELETE FROM ${delayed} ${yielded}`;
    this.#exists = `SELECT EXISTS (SELECT 1 FROM ${delayed} ${yielded})`;
    this.#uncharge = `UPDATE ${delayed} SET attempts = attempts - 1 ${yielded}`;
  }

  accept(session: Session, message: ClaimedMessage, now: number): boolean {
    const row = yieldedAs(message);
    if (this.#remember !== null) session.run(this.#remember, now, message.attempt, ...row);
    return session.run(this.#remove, ...row) === 1;
  }

  retry(session: Session, message: ClaimedMessage, availableAt: number, error: string): boolean {
    const before = refOf(message).delayed?.availableAt ?? null;
    return session.run(this.#retry, availableAt, message.attempt, error, ...yieldedAs(message), before) === 1;
  }

  die(session: Session, { message, reason, error, block }: DeadSettlement, now: number): boolean {
    const row = yieldedAs(message);
    if (session.run(this.#letter, message.attempt, reason, flag(block), now, error, ...row) === 0)
      return false;
    session.run(block && message.key !== null ? this.#marker : this.#remove, ...row);
    return true;
  }

  giveBack(session: Session, message: ClaimedMessage): boolean {
    const row = yieldedAs(message);
    // It never reached the broker, so the charge for being a suspect is taken back.
    if (refOf(message).suspect) return session.run(this.#uncharge, ...row) === 1;
    return session.row(this.#exists, ...row)?.[0] === 1;
  }
}

function yieldedAs(message: ClaimedMessage): [position: number, attempts: number, redrives: number] {
  const { position, delayed } = refOf(message);
  return [position, delayed?.attempts ?? 0, delayed?.redrives ?? 0];
}
