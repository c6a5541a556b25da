import { Pool } from 'pg';
import outbox from 'pg-transactional-outbox';
import { targetOf } from '../../brokers/hand-written-target.ts';
import { type OpenContender, urlOf } from '../../harness/contender.ts';
import { assertDrained, timed } from '../../harness/drained.ts';
import { fillInParts, ownDatabase } from '../../subjects/own-database.ts';
import { rowOf, TOPIC } from '../../workload.ts';

const FUNCTION = 'next_outbox_messages';

/** pg-transactional-outbox by polling, in batches of 500. */
export const open: OpenContender = async (setting) => {
  const url = await ownDatabase(urlOf(setting, 'postgres'), setting.name);
  const target = targetOf(setting);
  const pool = new Pool({ connectionString: url, max: 1 });
  const setup = outbox.DatabaseSetupExporter.createPollingScript(
    {
      outboxOrInbox: 'outbox',
      database: setting.name,
      schema: 'public',
      table: 'outbox',
      listenerRole: 'postgres',
      nextMessagesName: FUNCTION,
    },
    true,
  );
  await pool.query(setup);

  async function drain(): Promise<void> {
    let published = 0;
    let finish: () => void = () => {};
    const all = new Promise<void>((resolve) => (finish = resolve));
    const [shutdown] = outbox.initializePollingMessageListener(
      {
        outboxOrInbox: 'outbox',
        dbListenerConfig: { connectionString: url },
        settings: {
          dbSchema: 'public',
          dbTable: 'outbox',
          nextMessagesFunctionName: FUNCTION,
          nextMessagesBatchSize: 500,
          nextMessagesLockInMs: 60_000,
          nextMessagesPollingIntervalInMs: 5,
          enableMaxAttemptsProtection: true,
          enablePoisonousMessageProtection: true,
        },
      },
      {
        async handle({ id, aggregateId, payload }) {
          await target.publish([{ id, topic: TOPIC, key: aggregateId, payload: JSON.stringify(payload) }]);
          if (++published === setting.messages) finish();
        },
      },
      outbox.getDisabledLogger(),
    );
    await all;
    await shutdown();
  }

  return {
    async prepare() {
      await pool.query('TRUNCATE outbox');
      const insert = `INSERT INTO outbox (id, aggregate_type, aggregate_id, message_type, payload, concurrency) SELECT id::uuid, 'order', message_key, '${TOPIC}', payload::json, 'parallel' FROM unnest($1::text[], $2::text[], $3::text[]) AS given (id, message_key, payload)`;
      await fillInParts(setting.messages, (...arrays) => pool.query(insert, arrays), rowOf);
      await pool.query('VACUUM ANALYZE outbox');
      await pool.query('CHECKPOINT');
      await target.clear();
    },

    async measure() {
      const figures = await timed(setting.messages, drain);
      const sql = 'SELECT count(*) AS number FROM outbox WHERE processed_at IS NULL';
      await assertDrained(setting.messages, target, Number((await pool.query(sql)).rows[0].number));
      return figures;
    },

    async close() {
      await pool.end();
      await target.close();
    },
  };
};
