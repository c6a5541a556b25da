import type { ClaimedMessage, DeadSettlement, RetrySettlement, Settlements } from '@outrelay/core';
import { Chain } from './chain.ts';
import { type Answer, changesOf, rowsOf, type Session } from './connections.ts';
import { byPosition, delays, errors } from './by-position.ts';
import { list, text, whole } from './literal.ts';
import type { MysqlStoreSettings } from './options.ts';
import { CONTENT_COLUMNS, refOf } from './row.ts';
import type { Tables } from './tables.ts';

type HistorySetting = MysqlStoreSettings['history'];

const LETTER_COLUMNS = `position, ${CONTENT_COLUMNS}, attempts, redrives, reason, blocking, dead_at, error`;

/** One statement of a settle, and the number of rows that it must change for everything to be as it was yielded. */
interface Change {
  readonly sql: string;
  /** `null` when it does not matter. */
  readonly rows: number | null;
}

const isFresh = (message: ClaimedMessage): boolean => refOf(message).delayed === null;
const positionsOf = (messages: readonly ClaimedMessage[]): readonly string[] =>
  messages.map((message) => whole(refOf(message).position));
const flag = (value: boolean): number => (value ? 1 : 0);

/** Writes outcomes with a fixed number of statements, however many messages there are. */
export class Outcomes {
  readonly #tables: Tables;
  readonly #history: HistorySetting;
  readonly #chain: Chain;

  constructor(tables: Tables, history: HistorySetting) {
    this.#tables = tables;
    this.#history = history;
    this.#chain = new Chain(tables);
  }

  /** Positions of messages that are as they were when they were yielded. */
  async present(session: Session, messages: readonly ClaimedMessage[]): Promise<ReadonlySet<number>> {
    const fresh = messages.filter(isFresh);
    const delayed = messages.filter((message) => !isFresh(message));
    const answers = await session.script([
      ...(fresh.length === 0
        ? []
        : [
            `SELECT position FROM ${this.#tables.messages} FORCE INDEX (PRIMARY) WHERE position IN ${list(positionsOf(fresh))} AND parked = 0`,
          ]),
      ...(delayed.length === 0
        ? []
        : [
            `SELECT position FROM ${this.#tables.delayed} FORCE INDEX (PRIMARY) WHERE ${this.#yielded(delayed)}`,
          ]),
      'DO 0',
    ]);
    return new Set(
      answers.slice(0, -1).flatMap((answer) => rowsOf(answer).map(([position]) => position as number)),
    );
  }

  /**
   * Records everything; answers `false` when a row was not there as it was yielded, and everything has to be undone.
   *
   * @param now - the clock of the database, as a literal
   */
  async record(
    session: Session,
    { accepted, retry, dead, returned }: Settlements,
    now: string,
  ): Promise<boolean> {
    const changes = [
      ...this.#accept(accepted.filter(isFresh), true, now),
      ...this.#accept(
        accepted.filter((message) => !isFresh(message)),
        false,
        now,
      ),
      ...this.#retryFresh(
        retry.filter(({ message }) => isFresh(message)),
        now,
      ),
      ...this.#retryDelayed(
        retry.filter(({ message }) => !isFresh(message)),
        now,
      ),
      ...this.#die(
        dead.filter(({ message }) => isFresh(message)),
        true,
        now,
      ),
      ...this.#die(
        dead.filter(({ message }) => !isFresh(message)),
        false,
        now,
      ),
      ...this.#giveBack(returned),
    ];
    if (changes.length === 0) return true;
    const answers = await session.script(changes.map(({ sql }) => sql));
    return changes.every(({ rows }, at) => rows === null || countOf(answers[at]) === rows);
  }

  /** The condition of delayed rows that are as they were yielded: a settle that is repeated finds them gone, charged or redriven. */
  #yielded(messages: readonly ClaimedMessage[]): string {
    const byState = new Map<string, ClaimedMessage[]>();
    for (const message of messages) {
      const { attempts = 0, redrives = 0 } = refOf(message).delayed ?? {};
      const state = `attempts = ${whole(attempts)} AND redrives = ${whole(redrives)}`;
      byState.set(state, [...(byState.get(state) ?? []), message]);
    }
    const parts = [...byState].map(
      ([state, some]) => `(${state} AND position IN ${list(positionsOf(some))})`,
    );
    return `position IN ${list(positionsOf(messages))} AND dead = 0 AND (${parts.join(' OR ')})`;
  }

  #remove(messages: readonly ClaimedMessage[], fresh: boolean): readonly Change[] {
    const { messages: table, delayed } = this.#tables;
    const reservations = `DELETE m FROM ${table} AS m FORCE INDEX (PRIMARY) WHERE m.position IN ${list(positionsOf(messages))}`;
    if (fresh) return [{ sql: `${reservations} AND m.parked = 0`, rows: messages.length }];
    const rows = `DELETE d FROM ${delayed} AS d FORCE INDEX (PRIMARY) WHERE ${this.#yielded(messages)}`;
    return [
      { sql: rows, rows: messages.length },
      { sql: reservations, rows: null },
    ];
  }

  #accept(messages: readonly ClaimedMessage[], fresh: boolean, now: string): readonly Change[] {
    if (messages.length === 0) return [];
    return [...this.#remember(messages, fresh, now), ...this.#remove(messages, fresh)];
  }

  #remember(messages: readonly ClaimedMessage[], fresh: boolean, now: string): readonly Change[] {
    const { history, messages: table, delayed } = this.#tables;
    const columns = 'sent_at, attempts, position, id, topic, message_key, created_at';
    if (this.#history === 'none') return [];
    if (this.#history === 'summary') {
      const rows = messages.map((message) => {
        const { id, topic, key, attempt } = message;
        const { position, createdAt } = refOf(message);
        return `(${now},${whole(attempt)},${whole(position)},${text(id)},${text(topic)},${text(key)},'${createdAt}')`;
      });
      return [{ sql: `INSERT INTO ${history} (${columns}) VALUES ${rows.join(',')}`, rows: null }];
    }
    const content = 'content_type, headers, payload, payload_bytes';
    const attempt = fresh ? '1' : this.#attempts(messages.map((message) => [message, message.attempt]));
    return [
      {
        sql: `INSERT INTO ${history} (${columns}, ${content}) SELECT ${now}, ${attempt}, position, id, topic, message_key, created_at, ${content} FROM ${fresh ? table : delayed} FORCE INDEX (PRIMARY) WHERE position IN ${list(positionsOf(messages))}`,
        rows: null,
      },
    ];
  }

  #attempts(values: readonly (readonly [ClaimedMessage, number])[]): string {
    return byPosition(values.map(([message, value]) => [message, whole(value)]));
  }

  #retryFresh(settlements: readonly RetrySettlement[], now: string): readonly Change[] {
    if (settlements.length === 0) return [];
    const { messages, delayed } = this.#tables;
    const all = settlements.map(({ message }) => message);
    return [
      {
        sql: `INSERT INTO ${delayed} (position, ${CONTENT_COLUMNS}, available_at, attempts, redrives, blocks, last_error) SELECT position, ${CONTENT_COLUMNS}, ${delays(settlements, now)}, ${this.#attempts(all.map((message) => [message, message.attempt]))}, 0, message_key IS NOT NULL, ${errors(settlements)} FROM ${messages} FORCE INDEX (PRIMARY) WHERE position IN ${list(positionsOf(all))} AND parked = 0`,
        rows: all.length,
      },
      { sql: this.#chain.reserveSql(positionsOf(all)), rows: null },
    ];
  }

  #retryDelayed(settlements: readonly RetrySettlement[], now: string): readonly Change[] {
    if (settlements.length === 0) return [];
    const all = settlements.map(({ message }) => message);
    const before = byPosition(
      all.map((message) => {
        const availableAt = refOf(message).delayed?.availableAt ?? null;
        return [message, availableAt === null ? 'NULL' : `'${availableAt}'`];
      }),
    );
    return [
      {
        // The error first and the attempts last: assignments see what those before them wrote.
        sql: `UPDATE ${this.#tables.delayed} FORCE INDEX (PRIMARY) SET last_error = ${errors(settlements)}, available_at = ${delays(settlements, now)}, blocks = (message_key IS NOT NULL), attempts = ${this.#attempts(all.map((message) => [message, message.attempt]))} WHERE ${this.#yielded(all)} AND available_at <=> coalesce(CAST(${before} AS DATETIME(6)), available_at)`,
        rows: all.length,
      },
    ];
  }

  #die(letters: readonly DeadSettlement[], fresh: boolean, now: string): readonly Change[] {
    if (letters.length === 0) return [];
    const { messages: table, delayed, deadLetters } = this.#tables;
    const all = letters.map(({ message }) => message);
    const reasons = byPosition(letters.map(({ message, reason }) => [message, text(reason)]));
    const blocking = byPosition(letters.map(({ message, block }) => [message, whole(flag(block))]));
    const attempts = this.#attempts(all.map((message) => [message, message.attempt]));
    const where = fresh ? `position IN ${list(positionsOf(all))} AND parked = 0` : this.#yielded(all);
    const from = `FROM ${fresh ? table : delayed} FORCE INDEX (PRIMARY) WHERE`;
    const isMarked = ({ message, block }: DeadSettlement): boolean => block && message.key !== null;
    const marked = letters.filter(isMarked).map(({ message }) => message);
    const gone = letters.filter((letter) => !isMarked(letter)).map(({ message }) => message);
    return [
      {
        sql: `INSERT INTO ${deadLetters} (${LETTER_COLUMNS}) SELECT position, ${CONTENT_COLUMNS}, ${attempts}, ${fresh ? '0' : 'redrives'}, ${reasons}, ${blocking}, ${now}, ${errors(letters)} ${from} ${where} ORDER BY position`,
        rows: letters.length,
      },
      ...(marked.length === 0 ? [] : fresh ? this.#markFresh(marked) : this.#markDelayed(marked)),
      ...(gone.length === 0 ? [] : this.#remove(gone, fresh)),
    ];
  }

  #markFresh(messages: readonly ClaimedMessage[]): readonly Change[] {
    const { messages: table, delayed } = this.#tables;
    const columns = 'position, id, topic, message_key, content_type, created_at';
    return [
      {
        sql: `INSERT INTO ${delayed} (${columns}, attempts, redrives, blocks, dead) SELECT ${columns}, 0, 0, 1, 1 FROM ${table} FORCE INDEX (PRIMARY) WHERE position IN ${list(positionsOf(messages))}`,
        rows: messages.length,
      },
      ...this.#remove(messages, true),
    ];
  }

  #markDelayed(messages: readonly ClaimedMessage[]): readonly Change[] {
    const { messages: table, delayed } = this.#tables;
    return [
      {
        sql: `UPDATE ${delayed} FORCE INDEX (PRIMARY) SET blocks = 1, available_at = NULL, headers = '{}', payload = NULL, payload_bytes = NULL, last_error = NULL, dead = 1 WHERE ${this.#yielded(messages)}`,
        rows: messages.length,
      },
      {
        sql: `DELETE m FROM ${table} AS m FORCE INDEX (PRIMARY) WHERE m.position IN ${list(positionsOf(messages))}`,
        rows: null,
      },
    ];
  }

  #giveBack(messages: readonly ClaimedMessage[]): readonly Change[] {
    const { messages: table, delayed } = this.#tables;
    const fresh = messages.filter(isFresh);
    const suspects = messages.filter((message) => !isFresh(message) && refOf(message).suspect);
    const others = messages.filter((message) => !isFresh(message) && !refOf(message).suspect);
    return [
      ...(fresh.length === 0
        ? []
        : [
            {
              sql: `SELECT COUNT(*) FROM ${table} FORCE INDEX (PRIMARY) WHERE position IN ${list(positionsOf(fresh))} AND parked = 0`,
              rows: fresh.length,
            },
          ]),
      ...(others.length === 0
        ? []
        : [
            {
              sql: `SELECT COUNT(*) FROM ${delayed} FORCE INDEX (PRIMARY) WHERE ${this.#yielded(others)}`,
              rows: others.length,
            },
          ]),
      // It never reached the broker, so the charge for being a suspect is taken back.
      ...(suspects.length === 0
        ? []
        : [
            {
              sql: `UPDATE ${delayed} FORCE INDEX (PRIMARY) SET attempts = attempts - 1 WHERE ${this.#yielded(suspects)}`,
              rows: suspects.length,
            },
          ]),
    ];
  }
}

/** The number of rows that a statement changed, or that it counted. */
function countOf(answer: Answer | undefined): number {
  return Array.isArray(answer) ? Number(rowsOf(answer)[0]?.[0]) : changesOf(answer);
}
