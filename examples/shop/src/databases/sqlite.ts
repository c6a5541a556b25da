import { rmSync } from 'node:fs';
import { createOutbox, topicTypes } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import type { ShopTopics } from '../shop/messages.ts';
import type { ShopDatabase } from './shop-database.ts';
import {
  createTables,
  type Dialect,
  type Query,
  sqlProgress,
  sqlRecords,
  sqlTransaction,
} from './sql-shop.ts';

const DIALECT: Dialect = { prefix: '', serial: 'INTEGER PRIMARY KEY', tableOptions: '' };

/** A shop in a SQLite file of its own: the handle of a transaction is the database object. */
export function sqliteShop(file: string): ShopDatabase {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  const store = sqliteStore({ file, driver: Database });
  const outbox = createOutbox({ store, topics: topicTypes<ShopTopics>() });
  const query: Query = async (sql, values = []) => {
    const statement = db.prepare<unknown[], Record<string, unknown>>(sql);
    if (statement.reader) return statement.all(...values);
    statement.run(...values);
    return [];
  };
  const tx = sqlTransaction(query, DIALECT, async (messages) => outbox.append(db, messages).ids);

  return {
    belongings: `the file ${file}`,
    store,

    async create() {
      await createTables(query, DIALECT);
      await store.schema.apply();
    },

    async transaction(work) {
      // IMMEDIATE takes the write lock at once; a transaction that reads first and writes later could be refused it.
      db.exec('BEGIN IMMEDIATE');
      try {
        await work(tx);
        db.exec('COMMIT');
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },

    progress: () => sqlProgress(query, DIALECT),
    records: () => sqlRecords(query, DIALECT),

    async remove() {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    },

    async close() {
      await store.close();
      db.close();
    },
  };
}
