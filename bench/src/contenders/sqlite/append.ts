import { join } from 'node:path';
import { createOutbox } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import { type OpenContender, option } from '../../harness/contender.ts';
import { perMessage } from '../../harness/per-message.ts';
import { sqliteVersions } from '../../subjects/sqlite.ts';
import { idOf, keyOf, orderOf, TOPIC } from '../../workload.ts';

/**
 * Writes messages in transactions of the application, which has the settings that better-sqlite3 gives it: through
 * the outbox, which makes the id, checks the message and serialises its payload (option `way`: `outbox`), or as rows
 * that were serialised before and need nothing but the INSERT (`insert`).
 */
export const open: OpenContender = async (setting) => {
  const file = join(setting.directory, 'outbox.db');
  const store = sqliteStore({ file });
  await store.schema.apply();
  const outbox = createOutbox({ store });
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  const insert = database.prepare(
    'INSERT INTO outbox_messages (id, topic, message_key, content_type, headers, payload) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const orders = Array.from({ length: setting.messages }, (_, n) => orderOf(n));
  const rows = orders.map((order, n) => [
    idOf(n),
    TOPIC,
    keyOf(n),
    'application/json',
    '{}',
    JSON.stringify(order),
  ]);
  const size = Number(option(setting, 'perTransaction'));
  const write =
    option(setting, 'way') === 'insert'
      ? (n: number): unknown => insert.run(rows[n])
      : (n: number): unknown => outbox.append(database, { topic: TOPIC, key: keyOf(n), payload: orders[n] });
  const transaction = database.transaction((from: number) => {
    for (let n = from; n < Math.min(from + size, setting.messages); n++) write(n);
  });

  return {
    async prepare() {
      database.exec('DELETE FROM outbox_messages');
      database.pragma('wal_checkpoint(TRUNCATE)');
    },

    async measure() {
      const figures = await perMessage(setting.messages, async () => {
        for (let from = 0; from < setting.messages; from += size) transaction.immediate(from);
      });
      const count = database.prepare('SELECT count(*) FROM outbox_messages').pluck().get();
      if (count !== setting.messages) throw new Error(`${String(count)} rows were written.`);
      return figures;
    },

    versions: async () => sqliteVersions(database),

    async close() {
      await store.close();
      database.close();
    },
  };
};
