import knex from 'knex';
import { targetOf } from '../../brokers/hand-written-target.ts';
import type { OpenContender } from '../../harness/contender.ts';
import { assertDrained, timed } from '../../harness/drained.ts';
import { handWrittenTable } from './hand-written-table.ts';

interface Row {
  readonly position: string;
  readonly id: string;
  readonly topic: string;
  readonly message_key: string;
  readonly payload: string;
}

/** The loop that most tutorials show: a transaction of knex, 100 rows, each published and then deleted by itself. */
export const open: OpenContender = async (setting) => {
  const table = await handWrittenTable(setting);
  const target = targetOf(setting);
  const database = knex({ client: 'pg', connection: table.url, pool: { min: 1, max: 1 } });

  async function drain(): Promise<void> {
    for (let more = true; more; ) {
      more = await database.transaction(async (trx) => {
        const rows: Row[] = await trx('outbox').orderBy('position').limit(100).forUpdate().skipLocked();
        for (const { position, id, topic, message_key: key, payload } of rows) {
          await target.publish([{ id, topic, key, payload }]);
          await trx('outbox').where({ position }).delete();
        }
        return rows.length > 0;
      });
    }
  }

  return {
    async prepare() {
      await table.refill(setting.messages);
      await target.clear();
    },

    async measure() {
      const figures = await timed(setting.messages, drain);
      await assertDrained(setting.messages, target, await table.left());
      return figures;
    },

    async close() {
      await database.destroy();
      await table.close();
      await target.close();
    },
  };
};
