import { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { type PlainMessage, targetOf } from '../../brokers/hand-written-target.ts';
import { type OpenContender, urlOf } from '../../harness/contender.ts';
import { assertDrained, timed } from '../../harness/drained.ts';
import { ownDatabase } from '../../subjects/own-database.ts';
import { rowOf, TOPIC } from '../../workload.ts';

const NAME = 'outbox';
const BATCH = 1_000;

/** pg-boss by its fastest way: fetch 1,000, publish them, complete them. Without order per key. */
export const open: OpenContender = async (setting) => {
  const url = await ownDatabase(urlOf(setting, 'postgres'), setting.name);
  const target = targetOf(setting);
  const pool = new Pool({ connectionString: url, max: 1 });
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue(NAME);

  async function drain(): Promise<void> {
    for (;;) {
      const fetched = await boss.fetch<PlainMessage>(NAME, { batchSize: BATCH });
      if (fetched.length === 0) return;
      await target.publish(fetched.map(({ data }) => data));
      await boss.complete(
        NAME,
        fetched.map(({ id }) => id),
      );
    }
  }

  return {
    async prepare() {
      await boss.deleteAllJobs(NAME);
      for (let from = 0; from < setting.messages; from += BATCH) {
        const part = Array.from({ length: Math.min(BATCH, setting.messages - from) }, (_, at) => {
          const [id, key, payload] = rowOf(from + at);
          return { data: { id, topic: TOPIC, key, payload } };
        });
        await boss.insert(NAME, part);
      }
      await pool.query('VACUUM ANALYZE');
      await pool.query('CHECKPOINT');
      await target.clear();
    },

    async measure() {
      const figures = await timed(setting.messages, drain);
      const sql = "SELECT count(*) AS number FROM pgboss.job WHERE name = $1 AND state < 'completed'";
      const left = Number((await pool.query(sql, [NAME])).rows[0].number);
      await assertDrained(setting.messages, target, left);
      return figures;
    },

    async close() {
      await boss.stop({ graceful: false });
      await pool.end();
      await target.close();
    },
  };
};
