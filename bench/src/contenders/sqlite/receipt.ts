import { join } from 'node:path';
import { createInbox } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import { type OpenContender, option } from '../../harness/contender.ts';
import { perMessage } from '../../harness/per-message.ts';
import { sqliteVersions } from '../../subjects/sqlite.ts';
import { CONSUMER, idOf } from '../../workload.ts';

/**
 * Writes receipts in transactions of the application, which has the settings that better-sqlite3 gives it: through the
 * inbox (option `way`: `inbox`), or by a statement that was prepared before (`insert`).
 */
export const open: OpenContender = async (setting) => {
  const file = join(setting.directory, 'inbox.db');
  const store = sqliteStore({ file });
  await store.schema.apply();
  const inbox = createInbox({ store });
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  const insert = database.prepare('INSERT INTO inbox_receipts (consumer, message_id) VALUES (?, ?)');
  const ids = Array.from({ length: setting.messages }, (_, n) => idOf(n));
  const size = Number(option(setting, 'perTransaction'));
  const write =
    option(setting, 'way') === 'insert'
      ? (id: string): unknown => insert.run(CONSUMER, id)
      : (id: string): unknown => inbox.record(database, { consumer: CONSUMER, message: { id } });
  const transaction = database.transaction((some: readonly string[]) => {
    for (const id of some) write(id);
  });

  return {
    async prepare() {
      database.exec('DELETE FROM inbox_receipts');
      database.pragma('wal_checkpoint(TRUNCATE)');
    },

    async measure() {
      const figures = await perMessage(setting.messages, async () => {
        for (let from = 0; from < ids.length; from += size)
          transaction.immediate(ids.slice(from, from + size));
      });
      const count = database.prepare('SELECT count(*) FROM inbox_receipts').pluck().get();
      if (count !== setting.messages) throw new Error(`${String(count)} receipts were recorded.`);
      return figures;
    },

    versions: async () => sqliteVersions(database),

    async close() {
      await store.close();
      database.close();
    },
  };
};
