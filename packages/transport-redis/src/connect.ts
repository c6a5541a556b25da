import { Cluster, Redis } from 'ioredis';
import { isCluster } from './client.ts';
import { ClusterServers } from './cluster.ts';
import { readCluster, readNode, readSentinel } from './connect-options.ts';
import { checkClient } from './given-client.ts';
import type { Target } from './options.ts';
import { readRedisUrl } from './redis-url.ts';
import type { Servers } from './servers.ts';
import { SingleServer } from './single.ts';

/** Milliseconds a connection that is given up has to end in good order. */
const DISCONNECT_TIMEOUT_MS = 250;
/** Longest wait in milliseconds between two attempts to connect; there is no last attempt. */
const MAX_RETRY_DELAY_MS = 2_000;

/** Makes the connection that the options ask for; it is opened when it is first used. */
export function connect(target: Target, connectTimeoutMs: number, owner = 'redisTransport'): Servers {
  const names = Object.entries(target).flatMap(([name, value]) => (value === undefined ? [] : [`"${name}"`]));
  if (names.length !== 1) {
    throw new TypeError(
      `${owner} needs exactly one of the options ${list(Object.keys(target))}; got ${names.length === 0 ? 'none' : names.join(' and ')}.`,
    );
  }
  const { url, node, sentinel, cluster, client } = target;
  if (url !== undefined) return single({ ...readRedisUrl(url) }, connectTimeoutMs);
  if (node !== undefined) return single(present(readNode(node)), connectTimeoutMs);
  if (sentinel !== undefined) return behindSentinel(sentinel, connectTimeoutMs);
  if (cluster !== undefined) return clustered(cluster, connectTimeoutMs);
  const checked = checkClient(client);
  return isCluster(checked)
    ? new ClusterServers(checked, false, connectTimeoutMs)
    : new SingleServer(checked, false);
}

/** What connections to servers and to nodes of a cluster have in common, in the terms of ioredis. */
interface ConnectionOptions {
  readonly autoResendUnfulfilledCommands: boolean;
  readonly maxRetriesPerRequest: number;
  readonly connectTimeout: number;
  readonly disconnectTimeout: number;
  readonly keepAlive: number;
  readonly maxLoadingRetryTime: number;
  readonly connectionName: string;
}

/**
 * The client keeps and repeats nothing: a message whose connection is lost is `unknown`, and one for which there is
 * no connection is not sent, so that the store and the relay alone decide what is sent again, and when.
 */
function connectionOptions(connectTimeoutMs: number): ConnectionOptions {
  return {
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    keepAlive: 10_000,
    // A server that loads its data is asked again soon instead of after an estimate.
    maxLoadingRetryTime: 500,
    connectionName: 'outrelay',
  };
}

/** Settings of every connection of our own to one server, in the terms of ioredis. */
interface OwnSettings extends ConnectionOptions {
  readonly lazyConnect: boolean;
  readonly enableOfflineQueue: boolean;
  readonly retryStrategy: (attempt: number) => number;
}

/** See {@link OwnSettings}. */
export function ownSettings(connectTimeoutMs: number): OwnSettings {
  return {
    ...connectionOptions(connectTimeoutMs),
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: retryDelayMs,
  };
}

/** Settings of every cluster client of our own, in the terms of ioredis. */
interface OwnClusterSettings {
  readonly lazyConnect: boolean;
  readonly clusterRetryStrategy: (attempt: number) => number;
  readonly slotsRefreshTimeout: number;
  readonly redisOptions: ConnectionOptions;
}

/** See {@link OwnClusterSettings}. */
export function ownClusterSettings(connectTimeoutMs: number): OwnClusterSettings {
  return {
    lazyConnect: true,
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshTimeout: connectTimeoutMs,
    redisOptions: connectionOptions(connectTimeoutMs),
  };
}

function single(where: { host?: string; port?: number; path?: string }, connectTimeoutMs: number): Servers {
  return new SingleServer(new Redis({ ...ownSettings(connectTimeoutMs), ...where }), true);
}

function behindSentinel(value: unknown, connectTimeoutMs: number): Servers {
  const { nodes, tls, sentinelTls, natMap, ...options } = readSentinel(value);
  const redis = new Redis({
    ...ownSettings(connectTimeoutMs),
    ...present(options),
    sentinels: [...nodes],
    // Leaves a primary that the Sentinels have replaced even while it still answers.
    failoverDetector: true,
    ...(tls === undefined ? {} : { tls, enableTLSForSentinelMode: true }),
    ...(sentinelTls === undefined ? {} : { sentinelTLS: sentinelTls }),
    ...(natMap === undefined ? {} : { natMap }),
  });
  return new SingleServer(redis, true, `The primary ${JSON.stringify(options.name)}`);
}

function clustered(value: unknown, connectTimeoutMs: number): Servers {
  const { nodes, natMap, ...access } = readCluster(value);
  const { redisOptions, ...own } = ownClusterSettings(connectTimeoutMs);
  const client = new Cluster([...nodes], {
    ...own,
    redisOptions: { ...redisOptions, ...present(access) },
    ...(natMap === undefined ? {} : { natMap }),
  });
  return new ClusterServers(client, true, connectTimeoutMs);
}

/** Doubles from 50 ms; a part is left to chance, so that many relays do not come back in step. */
function retryDelayMs(attempt: number): number {
  const delay = Math.min(MAX_RETRY_DELAY_MS, 25 * 2 ** Math.min(attempt, 10));
  return Math.round(delay * (1 - 0.3 * Math.random()));
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** ioredis takes an option that is `undefined` for one that was given. */
function present<T extends object>(options: T): Present<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Present<T>;
}

function list(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`;
}
