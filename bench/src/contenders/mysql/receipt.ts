import { createInbox } from '@outrelay/core';
import { mysqlStore } from '@outrelay/store-mysql';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { type OpenContender, option, urlOf } from '../../harness/contender.ts';
import { perMessage } from '../../harness/per-message.ts';
import { CONSUMER, idOf } from '../../workload.ts';

/**
 * Writes receipts in transactions of the application on one connection of mysql2, of MySQL or MariaDB (option
 * `server`): through the inbox (option `way`: `inbox`, or `trusting` without its check that a transaction is open), or by a bare INSERT with parameters (`insert`).
 */
export const open: OpenContender = async (setting) => {
  const url = new URL(urlOf(setting, option(setting, 'server')));
  const connection = await createConnection(url.href);
  await connection.query(`CREATE DATABASE IF NOT EXISTS ${setting.name}`);
  await connection.query(`USE ${setting.name}`);
  url.pathname = `/${setting.name}`;
  const way = option(setting, 'way');
  const transactionCheck = way === 'trusting' ? 'trust' : 'verify';
  const store = mysqlStore({ url: url.href, transactionCheck });
  await store.schema.apply();
  const inbox = createInbox({ store });
  const insert = 'INSERT INTO inbox_receipts (consumer, message_id) VALUES (?, ?)';
  const ids = Array.from({ length: setting.messages }, (_, n) => idOf(n));
  const size = Number(option(setting, 'perTransaction'));
  const write =
    way === 'insert'
      ? (id: string): Promise<unknown> => connection.query(insert, [CONSUMER, id])
      : (id: string): Promise<unknown> => inbox.record(connection, { consumer: CONSUMER, message: { id } });

  return {
    async prepare() {
      await connection.query('TRUNCATE inbox_receipts');
    },

    async measure() {
      const figures = await perMessage(setting.messages, async () => {
        for (let from = 0; from < ids.length; from += size) {
          await connection.beginTransaction();
          for (const id of ids.slice(from, from + size)) await write(id);
          await connection.commit();
        }
      });
      const [rows] = await connection.query<RowDataPacket[]>('SELECT count(*) AS n FROM inbox_receipts');
      if (Number(rows[0]?.['n']) !== setting.messages)
        throw new Error(`${String(rows[0]?.['n'])} receipts were recorded.`);
      return figures;
    },

    async close() {
      await connection.end();
      await store.close();
    },
  };
};
