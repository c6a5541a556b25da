import type { OutboxError } from '@outrelay/core';
import type { Cancellation } from './cancellation.ts';
import type { Command, Reply } from './client.ts';
import type { Connection } from './connection.ts';
import { causeText, unavailable } from './errors.ts';
import type { RedisSettings } from './options.ts';
import { prove } from './proof.ts';
import type { Servers } from './servers.ts';

const PING: Command = { name: 'PING', args: [] };
const ROLE: Command = { name: 'ROLE', args: [] };
const CLUSTER_INFO: Command = { name: 'CLUSTER', args: ['INFO'] };

/**
 * Resolves when Redis serves: it answers PING (which it refuses while it loads, lacks its disk, runs a long script or
 * has not been told the password), it is a primary or the cluster is whole, and what `wait` or `waitAof` asks for
 * holds. Nothing is written.
 *
 * Rejects with `TRANSPORT_UNAVAILABLE` otherwise, also when the signal aborts.
 */
export async function checkConnectivity(
  servers: Servers,
  settings: RedisSettings,
  cancellation: Cancellation,
): Promise<void> {
  const connection = await servers.representative(cancellation);
  const { connectTimeoutMs, commandTimeoutMs, proof } = settings;
  if (!(await connection.ready(connectTimeoutMs, cancellation))) throw aborted(connection);
  const state: Command = servers.areOne ? ROLE : CLUSTER_INFO;
  const replies = await connection.exchange([PING, state], commandTimeoutMs, cancellation);
  if (replies === 'cancelled') throw aborted(connection);
  if (typeof replies === 'string') throw unavailable(connection.name, `no answer to PING (${replies})`);
  const [pong, answer] = replies as readonly [Reply, Reply];
  if (pong[0] !== null) throw refused(connection, pong[0]);
  const complaint = servers.areOne ? roleComplaint(answer) : clusterComplaint(answer);
  if (complaint !== null) {
    // A replica may have become one: the same address, or Sentinel, may lead to the primary now.
    connection.renew();
    throw unavailable(connection.name, complaint);
  }
  await prove(connection, proof, commandTimeoutMs, cancellation);
}

/** A user who may not ask for the role is not kept from publishing: the first write will tell. */
function roleComplaint([error, reply]: Reply): string | null {
  const role: unknown = error === null && Array.isArray(reply) ? reply[0] : 'master';
  return role === 'master' ? null : `its role is ${JSON.stringify(role)}, not "master"`;
}

function clusterComplaint([error, reply]: Reply): string | null {
  const state =
    error === null ? /^cluster_state:(?<state>\w+)/m.exec(String(reply))?.groups?.['state'] : 'ok';
  return state === 'ok' ? null : `the state of the cluster is ${JSON.stringify(state ?? 'unknown')}`;
}

function refused(connection: Connection, error: Error): OutboxError {
  return unavailable(connection.name, `it answered ${JSON.stringify(causeText(error))} to PING`);
}

function aborted(connection: Connection): OutboxError {
  return unavailable(connection.name, 'the check was aborted');
}
