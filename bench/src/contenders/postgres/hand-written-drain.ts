import { Client } from 'pg';
import { targetOf } from '../../brokers/hand-written-target.ts';
import { holdSnapshot } from './held-snapshot.ts';
import { type OpenContender, option } from '../../harness/contender.ts';
import { assertDrained, timed } from '../../harness/drained.ts';
import { handWrittenTable } from './hand-written-table.ts';

const SELECT = {
  name: 'take',
  text: 'SELECT position, id, topic, message_key, payload FROM outbox ORDER BY position LIMIT 1000 FOR UPDATE SKIP LOCKED',
};

/**
 * The loop that one writes by hand, on one connection or several: BEGIN, SELECT 1,000 FOR UPDATE SKIP LOCKED, publish,
 * DELETE, COMMIT. Several connections break the order of keys.
 */
export const open: OpenContender = async (setting) => {
  const table = await handWrittenTable(setting);
  const target = targetOf(setting);
  const clients = Array.from(
    { length: Number(option(setting, 'connections')) },
    () => new Client({ connectionString: table.url }),
  );
  await Promise.all(clients.map((client) => client.connect()));

  async function loop(client: Client): Promise<void> {
    for (;;) {
      await client.query('BEGIN');
      const { rows } = await client.query(SELECT);
      if (rows.length > 0) {
        await target.publish(
          rows.map(({ id, topic, message_key: key, payload }) => ({ id, topic, key, payload })),
        );
        const positions = rows.map(({ position }) => position);
        await client.query({
          name: 'remove',
          text: 'DELETE FROM outbox WHERE position = ANY($1::bigint[])',
          values: [positions],
        });
      }
      await client.query('COMMIT');
      if (rows.length === 0) return;
    }
  }

  return {
    async prepare() {
      await table.refill(setting.messages);
      await target.clear();
    },

    async measure() {
      const snapshot = await holdSnapshot(table.url, setting);
      const figures = await timed(setting.messages, async () => {
        await Promise.all(clients.map(loop));
      });
      await snapshot.end();
      await assertDrained(setting.messages, target, await table.left());
      return figures;
    },

    async close() {
      await Promise.all(clients.map((client) => client.end()));
      await table.close();
      await target.close();
    },
  };
};
