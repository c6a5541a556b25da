import type { Connections } from './connections.ts';
import { identifier } from './literal.ts';
import type { PostgresStoreSettings } from './options.ts';
import { openClient, type OwnClient } from './source.ts';
import type { HintSource, OpenSource } from './wakeups.ts';

/** Milliseconds between questions that prove the connection alive: a cut one may else stay silent for hours. */
const PROBE_MS = 10_000;

/**
 * Listens to the notifications that appends send, on a connection of its own: of `wakeupUrl` or `url`, or else on one
 * that is borrowed from the pool for as long as the relay runs.
 */
export function notifications(connections: Connections, settings: PostgresStoreSettings): OpenSource {
  const { tables, url, wakeupUrl } = settings;
  const address = wakeupUrl ?? url;
  return async ({ wake, failed }): Promise<HintSource> => {
    const client = address === undefined ? await connections.borrow() : await openClient(address, {});
    let ended = false;
    const end = async (): Promise<void> => {
      if (ended) return;
      ended = true;
      clearInterval(probe);
      await client.dispose();
    };
    const fail = (error: unknown): void => {
      if (ended) return;
      void end();
      failed(error);
    };
    const probe = setInterval(() => void prove(client, fail), PROBE_MS);
    probe.unref();
    client.on('error', fail);
    client.on('end', () => fail(new Error('Connection terminated')));
    client.on('notification', ({ channel }) => {
      if (channel === tables.channel) wake();
    });
    try {
      await client.query({ text: `LISTEN ${identifier(tables.channel)}` });
    } catch (error) {
      await end();
      throw error;
    }
    return { close: end };
  };
}

async function prove(client: OwnClient, fail: (error: unknown) => void): Promise<void> {
  const silent = setTimeout(() => fail(new Error('Connection terminated: no answer')), PROBE_MS / 2);
  try {
    await client.query({ text: 'SELECT 1' });
  } catch (error) {
    fail(error);
  } finally {
    clearTimeout(silent);
  }
}
