import { Logger, run, runMigrations } from 'graphile-worker';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { PlainMessage } from '../../brokers/hand-written-target.ts';
import { type OpenContender, urlOf } from '../../harness/contender.ts';
import { assertDrained, timed } from '../../harness/drained.ts';
import { fillInParts, ownDatabase } from '../../subjects/own-database.ts';
import { rowOf, TOPIC } from '../../workload.ts';

/** It would write a line per message. */
const silent = new Logger(() => () => {});

/** Graphile Worker with its local queue, 24 messages at a time, completed in batches; ioredis gathers the XADDs. */
export const open: OpenContender = async (setting) => {
  const url = await ownDatabase(urlOf(setting, 'postgres'), setting.name);
  const redis = new Redis(urlOf(setting, 'redis'), { enableAutoPipelining: true });
  const pool = new Pool({ connectionString: url, max: 1 });
  await runMigrations({ connectionString: url, logger: silent });
  const left = async (): Promise<number> =>
    Number((await pool.query('SELECT count(*) AS number FROM graphile_worker.jobs')).rows[0].number);

  async function drain(): Promise<void> {
    let published = 0;
    let finish: () => void = () => {};
    const all = new Promise<void>((resolve) => (finish = resolve));
    const runner = await run({
      preset: {
        worker: {
          connectionString: url,
          concurrentJobs: 24,
          localQueue: { size: 500 },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
      noHandleSignals: true,
      logger: silent,
      taskList: {
        async publish(given) {
          const { id, topic, key, payload } = given as PlainMessage;
          await redis.xadd(topic, '*', 'id', id, 'key', key, 'payload', payload);
          if (++published === setting.messages) finish();
        },
      },
    });
    await all;
    // Stopping completes what is under way.
    await runner.stop();
  }

  return {
    async prepare() {
      await pool.query('TRUNCATE graphile_worker._private_jobs');
      const insert = `SELECT count(graphile_worker.add_job('publish', json_build_object('id', id, 'topic', '${TOPIC}', 'key', message_key, 'payload', payload))) FROM unnest($1::text[], $2::text[], $3::text[]) AS given (id, message_key, payload)`;
      await fillInParts(setting.messages, (...arrays) => pool.query(insert, arrays), rowOf);
      await pool.query('VACUUM ANALYZE');
      await pool.query('CHECKPOINT');
      await redis.flushall();
    },

    async measure() {
      const figures = await timed(setting.messages, drain);
      await assertDrained(setting.messages, { count: () => redis.xlen(TOPIC) }, await left());
      return figures;
    },

    async close() {
      await pool.end();
      redis.disconnect();
    },
  };
};
