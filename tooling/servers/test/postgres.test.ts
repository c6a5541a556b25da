import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import {
  note,
  PACKAGED_POSTGRES,
  type PostgresOptions,
  type PostgresSettings,
  type ServerInstance,
  startPostgres,
} from '../src/index.ts';
import { findPostgres } from '../src/kinds/postgres-binaries.ts';

const instances: ServerInstance<PostgresSettings>[] = [];

async function started(options: PostgresOptions): Promise<ServerInstance<PostgresSettings>> {
  const instance = await startPostgres(options);
  instances.push(instance);
  return instance;
}

async function query(instance: ServerInstance<PostgresSettings>, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: instance.url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  await Promise.all(instances.splice(0).map((instance) => instance.remove()));
});

/** Every major version there is on this machine, the oldest and newest among them on Linux. */
const present = await Promise.all(PACKAGED_POSTGRES.map((major) => findPostgres(major)));
const versions = present.flatMap((binaries) => (binaries === null ? [] : [binaries.major]));
if (versions.length === 0) note({ kind: 'skip', reason: 'no PostgreSQL: apt-get install postgresql' });

describe.each(versions)('a PostgreSQL %i server of a test', (version) => {
  it('runs with its settings, and keeps what was committed over kill -9 and start', async () => {
    const instance = await started({ version, settings: { wal_level: 'logical' } });
    note({ kind: 'server', server: 'PostgreSQL', version: instance.version });
    expect(instance.version).toMatch(new RegExp(`^${version}\\.`));
    expect(await query(instance, 'SHOW wal_level')).toEqual(['logical']);
    await query(instance, 'CREATE TABLE kept AS SELECT 7 AS value');
    await instance.kill();
    await expect(query(instance, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await instance.start({ work_mem: '8MB' });
    expect(await query(instance, 'SELECT value FROM kept')).toEqual([7]);
    expect(await query(instance, 'SHOW work_mem')).toEqual(['8MB']);
  });
});

describe.skipIf(versions.length === 0)('startPostgres', () => {
  it('starts on the data it stopped with', async () => {
    const instance = await started({});
    await query(instance, 'CREATE TABLE kept AS SELECT 8 AS value');
    await instance.restart();
    expect(await query(instance, 'SELECT value FROM kept')).toEqual([8]);
  });

  it('says what the server wrote when it cannot start', async () => {
    await expect(startPostgres({ settings: { no_such_setting: '1' } })).rejects.toThrow(/no_such_setting/);
  });

  it('names a version that is not there', async () => {
    await expect(startPostgres({ version: 8 })).rejects.toThrow('PostgreSQL 8 is neither installed');
  });
});
