import { join } from 'node:path';
import { type HandWrittenTarget, targetOf } from '../../brokers/hand-written-target.ts';
import type { OpenContender } from '../../harness/contender.ts';
import { assertDrained, timed } from '../../harness/drained.ts';
import { openFile, sqliteVersions } from '../../subjects/sqlite.ts';
import { keyOf, payloadOf, TOPIC } from '../../workload.ts';

const BATCH = 1_000;

/** The loop that one writes for a single relay: SELECT 1,000, publish them, DELETE them. No leases, no retries. */
export const open: OpenContender = async (setting) => {
  const database = openFile(join(setting.directory, 'outbox.db'));
  database.exec(
    'CREATE TABLE IF NOT EXISTS outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, topic TEXT NOT NULL, message_key TEXT, payload TEXT NOT NULL, created_at INTEGER NOT NULL DEFAULT (unixepoch())) STRICT',
  );
  const target: HandWrittenTarget = targetOf(setting);
  const select = database
    .prepare<unknown[], unknown[]>(
      'SELECT position, id, topic, message_key, payload FROM outbox ORDER BY position LIMIT ?',
    )
    .raw();
  const remove = database.prepare('DELETE FROM outbox WHERE position <= ?');
  const insert = database.prepare('INSERT INTO outbox (id, topic, message_key, payload) VALUES (?, ?, ?, ?)');

  async function drain(): Promise<void> {
    for (;;) {
      const rows = select.all(BATCH) as [number, string, string, string, string][];
      const last = rows.at(-1);
      if (last === undefined) return;
      await target.publish(rows.map(([, id, topic, key, payload]) => ({ id, topic, key, payload })));
      remove.run(last[0]);
    }
  }

  return {
    async prepare() {
      database.transaction(() => {
        database.exec('DELETE FROM outbox');
        for (let n = 0; n < setting.messages; n++) insert.run(`message-${n}`, TOPIC, keyOf(n), payloadOf(n));
      })();
      database.pragma('wal_checkpoint(TRUNCATE)');
      await target.clear();
    },

    async measure() {
      const figures = await timed(setting.messages, drain);
      const left = database.prepare('SELECT count(*) FROM outbox').pluck().get() as number;
      await assertDrained(setting.messages, target, left);
      return figures;
    },

    versions: async () => sqliteVersions(database),

    async close() {
      database.close();
      await target.close();
    },
  };
};
