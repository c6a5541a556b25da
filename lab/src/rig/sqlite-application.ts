import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOutbox } from '@outrelay/core';
import { type SqliteStore, sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import type { Application } from './application.ts';
import { messageId, type Order, TOPIC } from './order.ts';

/** Long enough for a purge to find something in a run of some minutes. */
const HISTORY_MS = 120_000;

/** An application on a SQLite file. */
export class SqliteApplication implements Application {
  readonly store: SqliteStore;
  readonly #file: string;
  readonly #database: Database.Database;

  constructor(file: string) {
    this.#file = file;
    // A lock of another process must not freeze this one; `write` waits itself.
    this.#database = new Database(file, { timeout: 0 });
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = FULL');
    this.store = sqliteStore({ file, historyRetentionMs: HISTORY_MS });
  }

  async install(): Promise<void> {
    this.#database.exec(
      'CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY, order_key TEXT NOT NULL)',
    );
    await this.store.schema.apply();
  }

  async write(orders: readonly Order[], end: 'commit' | 'rollback'): Promise<void> {
    const outbox = createOutbox({ store: this.store });
    const insert = this.#database.prepare('INSERT INTO orders VALUES (?, ?)');
    await this.#whenFree(() => this.#database.exec('BEGIN IMMEDIATE'));
    try {
      for (const order of orders) insert.run(order.number, order.key);
      outbox.append(
        this.#database,
        orders.map((order) => ({ id: messageId(order), topic: TOPIC, key: order.key, payload: order })),
      );
      await this.#whenFree(() => this.#database.exec(end === 'commit' ? 'COMMIT' : 'ROLLBACK'));
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  async committed(): Promise<readonly number[]> {
    return this.#database.prepare('SELECT number FROM orders ORDER BY number').pluck().all() as number[];
  }

  async forgetBelow(number: number): Promise<void> {
    await this.#whenFree(() => this.#database.prepare('DELETE FROM orders WHERE number < ?').run(number));
  }

  async holdSnapshot(): Promise<() => Promise<void>> {
    const reader = new Database(this.#file, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM orders').get();
    return async () => {
      reader.close();
    };
  }

  async bytes(): Promise<number> {
    return ['', '-wal']
      .map((suffix) => this.#file + suffix)
      .reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
  }

  async close(): Promise<void> {
    await this.store.close();
    this.#database.close();
  }

  async #whenFree(work: () => unknown): Promise<void> {
    for (;;) {
      try {
        work();
        return;
      } catch (error) {
        if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error;
        await sleep(1);
      }
    }
  }
}
