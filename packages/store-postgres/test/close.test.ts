import { ALL_TOPICS } from '@outrelay/core';
import { until } from '@outrelay/servers';
import { afterAll, describe, expect, it } from 'vitest';
import { postgresStore } from '../src/index.ts';
import { ownServer } from './support/servers.ts';

const { url, admin, remove } = await ownServer();
afterAll(remove);

/** On a server of its own, whose processes are stopped. */
describe('close', () => {
  it('ends, and so do the calls under way, when the server has gone silent', async () => {
    const store = postgresStore({ url });
    await store.schema.apply();
    await admin.query('BEGIN; LOCK TABLE outrelay.outbox_partitions');
    const request = { token: 'c'.repeat(32), relay: 'close', leaseMs: 10_000, topics: ALL_TOPICS };
    const call = store.claim(request).catch((error: unknown) => error);
    const pids = await until('the call waits for the table', async () => {
      const { rows } = await admin.query<{ pid: number }>(
        "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'outrelay.outbox_partitions'::regclass",
      );
      expect(rows).toHaveLength(1);
      return rows.map(({ pid }) => pid);
    });
    // A process that is stopped keeps its connection open and answers nothing, as a dead network does.
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await store.close();
      expect(await call).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      await admin.query('ROLLBACK');
    }
  });
});
