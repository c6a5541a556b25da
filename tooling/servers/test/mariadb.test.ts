import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { note, type ServerInstance, startMariadb } from '../src/index.ts';
import { mariadb } from '../src/kinds/mariadb.ts';
import { mysql } from '../src/kinds/mysql.ts';
import { findMariadb } from '../src/kinds/start-mariadb.ts';
import { fromListening } from '../src/rungs/listening.ts';

const missing = findMariadb() === null;
if (missing) note({ kind: 'skip', reason: 'no mariadbd: apt-get install mariadb-server' });

describe.skipIf(missing)('a MariaDB server of a test', () => {
  let instance: ServerInstance<readonly string[]>;

  beforeAll(async () => {
    instance = await startMariadb({ args: ['--innodb-lock-wait-timeout=7'] });
    note({ kind: 'server', server: 'MariaDB', version: instance.version });
  });

  afterAll(() => instance.remove());

  async function query(sql: string): Promise<unknown> {
    const connection = await createConnection(instance.url);
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      return Object.values(rows[0] ?? {})[0];
    } finally {
      await connection.end();
    }
  }

  it('runs with its arguments, and keeps what was committed over kill -9 and start', async () => {
    expect(await query('SELECT @@innodb_lock_wait_timeout')).toBe(7);
    await query('CREATE DATABASE kept');
    await query('CREATE TABLE kept.kept AS SELECT 9 AS value');
    await instance.kill();
    await expect(query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await instance.start();
    expect(await query('SELECT value FROM kept.kept')).toBe(9);
  });

  it('is MariaDB to the ladder, and never MySQL', async () => {
    const localUrls = [instance.url];
    expect(await fromListening({ ...mariadb, localUrls })).toMatchObject({ version: instance.version });
    expect(await fromListening({ ...mysql, localUrls })).toEqual({
      none: expect.stringContaining('not MySQL') as string,
    });
  });
});
