import { randomUUID } from 'node:crypto';
import { note, serverUrl } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { afterAll } from 'vitest';

const url = serverUrl('redis');
if (url === undefined) note({ kind: 'skip', reason: 'no shared Redis: OUTRELAY_TEST_REDIS_URL is not set' });

/** Whether the run has a shared server. */
export const HAS_SHARED: boolean = url !== undefined;
/** The shared server; what a file writes there begins with a {@link uniquePrefix}. */
export const SHARED_URL: string = url ?? 'redis://127.0.0.1:6379';

/** A prefix for the streams of one test file, which are deleted after it. */
export function uniquePrefix(): string {
  const prefix = `outrelay-test:${randomUUID()}:`;
  afterAll(async () => {
    if (!HAS_SHARED) return;
    const client = new Redis(SHARED_URL);
    const keys = await client.keys(`${prefix}*`);
    if (keys.length > 0) await client.del(...keys);
    client.disconnect();
  });
  return prefix;
}
