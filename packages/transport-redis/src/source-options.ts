import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { any, describe, integer, optionalFunction, readOptions, text } from '@outrelay/core';
import type { RedisClient } from './client.ts';
import type { ClusterOptions, NodeOptions, SentinelOptions } from './connect-options.ts';

/** The options of {@link redisSource}: one of `url`, `node`, `sentinel`, `cluster` and `client` says where to. */
export interface RedisSourceOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://…` for TLS. */
  readonly url?: string | URL | undefined;
  /** A single server. */
  readonly node?: NodeOptions | undefined;
  /** A primary that Redis Sentinel names, and finds again after a failover. */
  readonly sentinel?: SentinelOptions | undefined;
  /** A Redis Cluster: the streams may be on any of its nodes. */
  readonly cluster?: ClusterOptions | undefined;
  /** A `Redis` or `Cluster` of ioredis 5 or 6, whose settings are taken over by connections of the source's own. */
  readonly client?: RedisClient | undefined;
  /** The streams to read, each a message of {@link redisTransport} per entry; by full name, prefix included. */
  readonly streams: readonly string[];
  /** The consumer group: all processes that name it share the streams, and each entry goes to one of them. */
  readonly group: string;
  /**
   * Name of this process in the group, which no other one may have at the same time. With a name that stays the same,
   * a process that was restarted goes on at once with what it had in hands. Default: host, process id and a random part.
   */
  readonly consumer?: string | undefined;
  /**
   * Where a group that does not exist yet begins: at the `'beginning'` of the stream, with `'new'` entries only, or
   * behind an entry id. Default: `'beginning'`.
   */
  readonly start?: string | undefined;
  /**
   * Milliseconds without a sign of life after which entries in the hands of one consumer go to another. A living
   * process gives that sign by itself, however long a handler runs. Default: 30,000.
   */
  readonly idleMs?: number | undefined;
  /** Milliseconds between looks for such entries. Default: 1,000. */
  readonly claimIntervalMs?: number | undefined;
  /**
   * The stream for entries that are rejected; on a cluster it must be in the slot of its stream. Default: the name of the
   * stream followed by `.dead`, with the name in braces where a cluster needs that.
   */
  readonly deadLetterStream?: string | ((stream: string) => string) | undefined;
  /**
   * Called with the ids of entries that were trimmed from the stream while somebody had them in hands and died: they
   * are lost to this group. Default: a warning of the process, once.
   */
  readonly onTrimmed?: ((stream: string, ids: readonly string[]) => void) | undefined;
  /** Milliseconds a call waits for a connection. Default: 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds Redis may take to answer. Default: 5,000. */
  readonly commandTimeoutMs?: number | undefined;
}

/** Checked {@link RedisSourceOptions}, besides those that say where to. */
export interface RedisSourceSettings {
  readonly streams: readonly string[];
  readonly group: string;
  readonly consumer: string;
  /** Whether the consumer may have entries in hands from before. */
  readonly returns: boolean;
  /** As XGROUP CREATE takes it. */
  readonly start: string;
  readonly idleMs: number;
  readonly claimIntervalMs: number;
  /** `null` for the default. */
  readonly deadLetterStream: ((stream: string) => string) | null;
  readonly onTrimmed: ((stream: string, ids: readonly string[]) => void) | undefined;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
}

/** Where to, unchecked. */
export interface SourceTarget {
  readonly url: unknown;
  readonly node: unknown;
  readonly sentinel: unknown;
  readonly cluster: unknown;
  readonly client: unknown;
}

export const SOURCE_OWNER = 'redisSource';
const HOUR_MS = 3_600_000;
const STARTS: Readonly<Record<string, string>> = { beginning: '0', new: '$' };

/** Checks the options; throws a `TypeError` that names the option and holds no secret. */
export function readSourceOptions(options: unknown): { settings: RedisSourceSettings; target: SourceTarget } {
  const { url, node, sentinel, cluster, client, consumer, ...settings } = readOptions(SOURCE_OWNER, options, {
    url: any<unknown>(undefined),
    node: any<unknown>(undefined),
    sentinel: any<unknown>(undefined),
    cluster: any<unknown>(undefined),
    client: any<unknown>(undefined),
    streams: readStreams,
    group: text(undefined),
    consumer: (value: unknown, name) => (value === undefined ? null : text(undefined)(value, name)),
    start: readStart,
    idleMs: integer(30_000, 50, 24 * HOUR_MS),
    claimIntervalMs: integer(1_000, 10, HOUR_MS),
    deadLetterStream: readDeadLetterStream,
    onTrimmed: optionalFunction<(stream: string, ids: readonly string[]) => void>(),
    connectTimeoutMs: integer(5_000, 1, HOUR_MS),
    commandTimeoutMs: integer(5_000, 1, HOUR_MS),
  });
  return {
    settings: {
      ...settings,
      consumer: consumer ?? `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
      returns: consumer !== null,
    },
    target: { url, node, sentinel, cluster, client },
  };
}

function readStreams(value: unknown, name: string): readonly string[] {
  const streams = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (streams.length === 0 || !streams.every((stream) => typeof stream === 'string' && stream !== ''))
    throw new TypeError(`${name} must be an array of names of streams; got ${describe(value)}.`);
  return [...new Set(streams as readonly string[])];
}

function readStart(value: unknown, name: string): string {
  if (value === undefined) return '0';
  const id = typeof value === 'string' ? (STARTS[value] ?? value) : '';
  if (id === '$' || /^\d{1,20}(?:-\d{1,20})?$/.test(id)) return id;
  throw new TypeError(
    `${name} must be "beginning", "new" or the id of an entry such as "1700000000000-0"; got ${describe(value)}.`,
  );
}

function readDeadLetterStream(value: unknown, name: string): ((stream: string) => string) | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && value !== '') return () => value;
  if (typeof value === 'function') return value as (stream: string) => string;
  throw new TypeError(
    `${name} must be the name of a stream or a function (stream) => name; got ${describe(value)}.`,
  );
}
