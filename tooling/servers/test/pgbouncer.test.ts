import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { findPgbouncer, note, startPgbouncer, startPostgres } from '../src/index.ts';
import { findPostgres } from '../src/kinds/postgres-binaries.ts';

const found = await findPgbouncer();
const binaries = await findPostgres();
if ('none' in found) note({ kind: 'skip', reason: found.none });

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe.skipIf('none' in found || binaries === null)('a PgBouncer of a test', () => {
  it('hands the connections of its server out by transaction, and is gone afterwards', async () => {
    const server = await startPostgres();
    ends.push(() => server.remove());
    const pooler = await startPgbouncer({ target: server.url, settings: { default_pool_size: '1' } });
    ends.push(() => pooler.remove());
    note({ kind: 'server', server: 'PgBouncer', version: pooler.version });
    const clients = [
      new Client({ connectionString: pooler.url }),
      new Client({ connectionString: pooler.url }),
    ];
    const pids = [];
    for (const client of clients) {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      pids.push(rows[0]?.pid);
    }
    expect(pids[0]).toBe(pids[1]);
    await Promise.all(clients.map((client) => client.end()));
  });
});
