import { postgresStore } from '@outrelay/store-postgres';
import { Pool } from 'pg';
import { option, type Setting, urlOf } from '../harness/contender.ts';
import { rowOf, TOPIC } from '../workload.ts';
import { fillInParts, ownDatabase } from './own-database.ts';
import type { Subject } from './subject.ts';

/** PostgreSQL through pg, in a database of the contender's own. */
export async function postgresSubject(setting: Setting): Promise<Subject> {
  const url = await ownDatabase(urlOf(setting, 'postgres'), setting.name);
  const wakeups = (setting.options['wakeups'] ?? 'none') as 'none' | 'notify' | 'doorbell';
  const store = postgresStore({ url, history: option(setting, 'history') as 'none' | 'summary', wakeups });
  const pool = new Pool({ connectionString: url, max: 1 });
  const number = async (sql: string): Promise<number> => Number((await pool.query(sql)).rows[0].number);
  await store.schema.apply();

  return {
    store,
    url,

    async refill(messages) {
      await pool.query('TRUNCATE outrelay.outbox_messages, outrelay.outbox_delayed, outrelay.outbox_history');
      const insert = `INSERT INTO outrelay.outbox_messages (id, topic, message_key, payload) SELECT id, '${TOPIC}', message_key, payload FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given (id, message_key, payload, no) ORDER BY no`;
      await fillInParts(messages, (...arrays) => pool.query(insert, arrays), rowOf);
      await pool.query('VACUUM ANALYZE outrelay.outbox_messages');
      await pool.query('CHECKPOINT');
    },

    left: () => number('SELECT count(*) AS number FROM outrelay.outbox_messages'),

    statements: () =>
      number(
        'SELECT xact_commit + xact_rollback AS number FROM pg_stat_database WHERE datname = current_database()',
      ),

    versions: async () => ({}),

    async close() {
      await store.close();
      await pool.end();
    },
  };
}
