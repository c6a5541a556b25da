import { Pool } from 'pg';
import { type Setting, urlOf } from '../../harness/contender.ts';
import { fillInParts, ownDatabase } from '../../subjects/own-database.ts';
import { rowOf, TOPIC } from '../../workload.ts';

/** The outbox table that one writes by hand, in a database of the contender's own. */
export interface HandWrittenTable {
  readonly url: string;
  refill(messages: number): Promise<void>;
  left(): Promise<number>;
  close(): Promise<void>;
}

/** Creates the table. */
export async function handWrittenTable(setting: Setting): Promise<HandWrittenTable> {
  const url = await ownDatabase(urlOf(setting, 'postgres'), setting.name);
  const pool = new Pool({ connectionString: url, max: 1 });
  await pool.query(
    'CREATE TABLE IF NOT EXISTS outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, topic text NOT NULL, message_key text, payload text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())',
  );
  return {
    url,
    async refill(messages) {
      await pool.query('TRUNCATE outbox');
      const insert = `INSERT INTO outbox (id, topic, message_key, payload) SELECT id, '${TOPIC}', message_key, payload FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given (id, message_key, payload, no) ORDER BY no`;
      await fillInParts(messages, (...arrays) => pool.query(insert, arrays), rowOf);
      await pool.query('VACUUM ANALYZE outbox');
      await pool.query('CHECKPOINT');
    },
    async left() {
      return Number((await pool.query('SELECT count(*) AS number FROM outbox')).rows[0].number);
    },
    close: () => pool.end(),
  };
}
