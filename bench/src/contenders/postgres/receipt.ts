import { createInbox } from '@outrelay/core';
import { postgresStore } from '@outrelay/store-postgres';
import { Client } from 'pg';
import { type OpenContender, option, urlOf } from '../../harness/contender.ts';
import { perMessage } from '../../harness/per-message.ts';
import { ownDatabase } from '../../subjects/own-database.ts';
import { CONSUMER, idOf } from '../../workload.ts';

/**
 * Writes receipts in transactions of the application on one connection of pg: through the inbox (option `way`:
 * `inbox`), or by a bare INSERT with parameters (`insert`).
 */
export const open: OpenContender = async (setting) => {
  const url = await ownDatabase(urlOf(setting, 'postgres'), setting.name);
  const store = postgresStore({ url });
  await store.schema.apply();
  const inbox = createInbox({ store });
  const client = new Client({ connectionString: url });
  await client.connect();
  const insert = 'INSERT INTO outrelay.inbox_receipts (consumer, message_id) VALUES ($1, $2)';
  const ids = Array.from({ length: setting.messages }, (_, n) => idOf(n));
  const size = Number(option(setting, 'perTransaction'));
  const write =
    option(setting, 'way') === 'insert'
      ? (id: string): Promise<unknown> => client.query(insert, [CONSUMER, id])
      : (id: string): Promise<unknown> => inbox.record(client, { consumer: CONSUMER, message: { id } });

  return {
    async prepare() {
      await client.query('TRUNCATE outrelay.inbox_receipts');
      await client.query('CHECKPOINT');
    },

    async measure() {
      const figures = await perMessage(setting.messages, async () => {
        for (let from = 0; from < ids.length; from += size) {
          await client.query('BEGIN');
          for (const id of ids.slice(from, from + size)) await write(id);
          await client.query('COMMIT');
        }
      });
      const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM outrelay.inbox_receipts');
      if (Number(rows[0]?.count) !== setting.messages)
        throw new Error(`${rows[0]?.count} receipts were recorded.`);
      return figures;
    },

    async close() {
      await client.end();
      await store.close();
    },
  };
};
