import { type Candidate, CANDIDATE_COLUMNS, candidateOf } from './candidate.ts';
import type { MysqlRow } from './client.ts';
import { rowsOf, type Session } from './connections.ts';
import { list, text, whole } from './literal.ts';
import { CONTENT_COLUMNS } from './row.ts';
import { NOW, type Tables } from './tables.ts';

/** What the table of delayed rows asks of a read. */
export interface DelayedState {
  /** Whether any row holds later messages of its key back. */
  readonly blocking: boolean;
  /** Whether scheduled messages with a key have fallen due and have not joined their key's order yet. */
  readonly joining: boolean;
  /** Whether the time of any row has come. */
  readonly due: boolean;
}

/** Delayed rows whose time has come. */
export interface DelayedView {
  /** Those that may go, in order of position. */
  readonly open: readonly Candidate[];
  /** Those that stand behind an earlier row of their key although they are due. */
  readonly standing: readonly Candidate[];
}

/** Keys of which one read takes more than the first row. */
const FOLLOWED_KEYS = 64;

/**
 * Reads the table of delayed messages. A row is one of these:
 *
 * - `scheduled` (blocks = 0, attempts = 0): holds nobody back before its time. One with a key joins the chain of its
 *   key when that comes, by `blocks = 1`.
 * - `retry` (available_at set): tried before, or redriven, or joined. With a key it blocks: later messages wait.
 * - `behind` (blocks = 1, available_at NULL, dead = 0): waits until the rows before it in its chain are gone.
 * - `dead marker` (dead = 1): stands for a dead letter that its key waits for.
 *
 * The first row of a chain is never `behind`: whoever removes a row promotes the next one.
 */
export class Delayed {
  readonly #delayed: string;
  readonly #followers: string;
  readonly #standing: string;

  constructor({ delayed }: Tables) {
    this.#delayed = delayed;
    this.#standing = `(d.blocks = 1 AND EXISTS (SELECT 1 FROM ${delayed} AS e FORCE INDEX (outbox_delayed_chain) WHERE e.blocks = 1 AND e.topic = d.topic AND e.message_key = d.message_key AND e.position < d.position))`;
    this.#followers = `SELECT ${CANDIDATE_COLUMNS}, dead = 0 AND (available_at IS NULL OR available_at <= ${NOW}) FROM ${delayed} FORCE INDEX (outbox_delayed_chain) WHERE blocks = 1`;
  }

  /** Asks for what {@link stateOf} reads. */
  stateSql(partitions: readonly number[]): string {
    return `SELECT (SELECT 1 FROM ${this.#delayed} FORCE INDEX (outbox_delayed_next) WHERE available_at <= ${NOW} LIMIT 1), (SELECT 1 FROM ${this.#delayed} FORCE INDEX (outbox_delayed_blocks) WHERE blocks = 1 LIMIT 1), (SELECT 1 FROM ${this.#delayed} FORCE INDEX (outbox_delayed_joins) WHERE joins_at <= ${NOW} AND partition_no IN ${list(partitions.map(whole))} LIMIT 1)`;
  }

  stateOf(row: MysqlRow | undefined): DelayedState {
    const [due, blocking, joining] = row ?? [];
    return { due: due === 1, blocking: blocking === 1, joining: joining === 1 };
  }

  /**
   * Looks at what is due, without content: first the heads of as many keys as possible, then what follows them.
   *
   * @param limit - candidates at most
   */
  async view(
    session: Session,
    topics: readonly string[],
    partitions: readonly number[],
    limit: number,
  ): Promise<DelayedView> {
    if (topics.length === 0) return { open: [], standing: [] };
    const due = topics.map(
      (topic) =>
        `(SELECT ${CANDIDATE_COLUMNS}, available_at, ${this.#standing} FROM ${this.#delayed} AS d FORCE INDEX (outbox_delayed_due) WHERE topic = ${text(topic)} AND available_at <= ${NOW} AND partition_no IN ${list(partitions.map(whole))} ORDER BY available_at LIMIT ${whole(limit)})`,
    );
    const rows = await session.rows(due.join(' UNION ALL '));
    const oldest = rows.toSorted((a, b) => (String(a[5]) < String(b[5]) ? -1 : 1)).slice(0, limit);
    const open = oldest.filter((row) => row[6] !== 1).map((row) => candidateOf(row, 0, true));
    const standing = oldest.filter((row) => row[6] === 1).map((row) => candidateOf(row, 0, true));
    open.push(...(await this.#followersOf(session, open, limit - open.length)));
    return { open: open.toSorted((a, b) => a.position - b.position), standing };
  }

  async #followersOf(session: Session, heads: readonly Candidate[], room: number): Promise<Candidate[]> {
    const followed = heads.filter(({ key }) => key !== null).slice(0, FOLLOWED_KEYS);
    if (room <= 0 || followed.length === 0) return [];
    const answers = await session.script(
      followed.map(
        ({ topic, key, position }) =>
          `${this.#followers} AND topic = ${text(topic)} AND message_key = ${text(key)} AND position > ${whole(position)} ORDER BY position LIMIT ${whole(room)}`,
      ),
    );
    const found: Candidate[] = [];
    for (const answer of answers) {
      const rows = rowsOf(answer);
      const end = rows.findIndex((row) => row[5] === 0);
      found.push(...(end === -1 ? rows : rows.slice(0, end)).map((row) => candidateOf(row, 0, true)));
      if (found.length >= room) break;
    }
    return found.slice(0, room);
  }

  /** The statement for rows of the position, partition, content, attempts, redrives and available_at. */
  rowsSql(positions: readonly number[]): string {
    return `SELECT position, partition_no, ${CONTENT_COLUMNS}, attempts, redrives, available_at FROM ${this.#delayed} FORCE INDEX (PRIMARY) WHERE position IN ${list(positions.map(whole))}`;
  }

  async at(session: Session, positions: readonly number[]): Promise<readonly MysqlRow[]> {
    return positions.length === 0 ? [] : session.rows(this.rowsSql(positions));
  }
}
