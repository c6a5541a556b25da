import type { ConsumedMessage } from '@outrelay/core';
import { type SqliteStore, sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import { apply } from './apply.ts';

/** One in this many messages is answered too late when it comes for the first time. */
const LATE_EVERY = 80;

/** What is said of a message when it comes. */
type Arrival = Pick<ConsumedMessage, 'id' | 'topic' | 'key'>;

/** The database of the consumer, however messages come. */
export class Warehouse {
  /** Receipts of the inbox, in the same database as the effects. */
  readonly store: SqliteStore<Database.Database>;
  readonly #db: Database.Database;
  #newMessages = 0;

  constructor(file: string) {
    this.#db = new Database(file);
    this.#db.pragma('synchronous = NORMAL');
    this.store = sqliteStore({ file, driver: Database });
  }

  /**
   * Writes deliveries down, outside of the inbox, for the ledger.
   *
   * @param answersLate - whether some are to be answered too late; the result says whether one of these is
   */
  note(arrivals: readonly Arrival[], answersLate: boolean): boolean {
    const known = this.#db.prepare('SELECT 1 FROM deliveries WHERE message_id = ?');
    const insert = this.#db.prepare(
      'INSERT INTO deliveries (message_id, topic, message_key, late) VALUES (?, ?, ?, ?)',
    );
    return this.#db
      .transaction(() => {
        let anyLate = false;
        for (const { id, topic, key } of arrivals) {
          const isNew = known.get(id) === undefined;
          if (isNew) this.#newMessages++;
          const late = answersLate && isNew && this.#newMessages % LATE_EVERY === 0;
          insert.run(id, topic, key, late ? 1 : 0);
          anyLate ||= late;
        }
        return anyLate;
      })
      .immediate();
  }

  /** What a consumer without inbox does with everything that comes. */
  applyWithoutInbox(message: ConsumedMessage): void {
    this.#db.transaction(() => apply(this.#db, message)).immediate();
  }

  async close(): Promise<void> {
    await this.store.close();
    this.#db.close();
  }
}
