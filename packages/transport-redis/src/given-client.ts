import { describe } from '@outrelay/core';
import { type ConnectionSettings, isCluster, type RedisClient } from './client.ts';

/**
 * Checks a client of the caller's own.
 *
 * A client that keeps commands back or repeats them would send messages at a time when the relay has already given
 * them to somebody else, and behind their successors.
 *
 * @throws TypeError that names the settings to change
 */
export function checkClient(value: unknown): RedisClient {
  const client = value as Partial<RedisClient> | null;
  const isOne =
    typeof client === 'object' &&
    client !== null &&
    typeof client.on === 'function' &&
    ('pipeline' in client || 'nodes' in client);
  if (!isOne || typeof client.options !== 'object') {
    throw new TypeError(
      `redisTransport: option "client" must be a Redis or Cluster of ioredis 5 or 6; got ${describe(value)}.`,
    );
  }
  const checked = client as RedisClient;
  const complaints = isCluster(checked)
    ? complaintsAbout(checked.options.redisOptions ?? {}, 'redisOptions: ')
    : complaintsAbout(checked.options, '');
  if (!isCluster(checked) && checked.options.enableOfflineQueue !== false) {
    complaints.unshift('enableOfflineQueue: false');
  }
  if ((checked.options.keyPrefix ?? '') !== '') {
    complaints.push('keyPrefix: none (use the option "prefix" of the transport)');
  }
  if (complaints.length === 0) return checked;
  throw new TypeError(
    `redisTransport: option "client" must be created with ${complaints.join(', ')}: it would send messages again, or later, by itself.`,
  );
}

function complaintsAbout(options: ConnectionSettings, path: string): string[] {
  const complaints: string[] = [];
  if (options.autoResendUnfulfilledCommands !== false) {
    complaints.push(`${path}autoResendUnfulfilledCommands: false`);
  }
  if (options.maxRetriesPerRequest !== 0) complaints.push(`${path}maxRetriesPerRequest: 0`);
  if (options.readOnly === true) complaints.push(`${path}readOnly: false`);
  return complaints;
}
