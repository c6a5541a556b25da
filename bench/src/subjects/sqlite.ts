import { join } from 'node:path';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import { type Setting, option } from '../harness/contender.ts';
import { keyOf, payloadOf, TOPIC } from '../workload.ts';
import type { Subject } from './subject.ts';

/** SQLite in a file, through better-sqlite3. */
export function sqliteSubject(setting: Setting): Subject {
  const file = join(setting.directory, 'outbox.db');
  const history = option(setting, 'history') as 'none' | 'summary' | 'full';
  const store = sqliteStore({ file, history });
  let handle: Database.Database | null = null;
  const open = (): Database.Database => (handle ??= openFile(file));

  return {
    store,

    async refill(messages) {
      await store.schema.apply();
      const database = open();
      const insert = database.prepare(
        'INSERT INTO outbox_messages (id, topic, message_key, payload) VALUES (?, ?, ?, ?)',
      );
      database.transaction(() => {
        database.exec('DELETE FROM outbox_messages; DELETE FROM outbox_history');
        for (let n = 0; n < messages; n++) insert.run(`message-${n}`, TOPIC, keyOf(n), payloadOf(n));
      })();
      database.pragma('wal_checkpoint(TRUNCATE)');
    },

    async left() {
      return open().prepare('SELECT count(*) FROM outbox_messages').pluck().get() as number;
    },

    statements: async () => Number.NaN,

    async versions() {
      return sqliteVersions(open());
    },

    async close() {
      await store.close();
      handle?.close();
    },
  };
}

/** Opens a file as every contender on SQLite does: write-ahead log, and commits of the relay that wait for no disk. */
export function openFile(file: string): Database.Database {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('cache_size = -4000');
  return database;
}

/** The versions of the library and of the driver. */
export function sqliteVersions(database: Database.Database): Readonly<Record<string, string>> {
  return { SQLite: database.prepare('SELECT sqlite_version()').pluck().get() as string };
}
