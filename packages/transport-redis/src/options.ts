import { any, describe, integer, type OptionCheck, readOptions } from '@outrelay/core';
import type { ConnectOptions } from './connect-options.ts';
import type { RedisClient } from './client.ts';
import { type Proof, type WaitAofOptions, type WaitOptions, waitAofProof, waitProof } from './proof.ts';
import { type StreamNaming, type StreamOption, streamNaming } from './streams.ts';

/** The options of {@link redisTransport}: one of `url`, `node`, `sentinel`, `cluster` and `client` says where to. */
export interface RedisTransportOptions extends ConnectOptions {
  /**
   * An ioredis client of the caller's own instead, version 5 or 6: `Redis` or `Cluster`. It is never closed from here.
   * It must be created with `enableOfflineQueue: false`, `autoResendUnfulfilledCommands: false` and
   * `maxRetriesPerRequest: 0` (the last two in `redisOptions` of a `Cluster`) and without `keyPrefix`.
   */
  readonly client?: RedisClient | undefined;
  /**
   * The stream of a topic: one for all, a function, or an object from topics or patterns (`order.*`, `*`) to streams,
   * of which the most specific counts. Messages of a topic without a stream are `failed`. Default: a stream per topic,
   * of the same name.
   */
  readonly stream?: StreamOption | undefined;
  /** Put before the name of every stream. Default: nothing. */
  readonly prefix?: string | undefined;
  /**
   * About how many entries a stream keeps (`MAXLEN ~`): older ones are dropped, whether they were read or not.
   * Default: nothing is ever dropped.
   */
  readonly maxLength?: number | undefined;
  /**
   * Accepts messages only once so many replicas have received them (`WAIT`); fewer make them `unknown`. Default: the
   * primary's word is enough.
   */
  readonly wait?: WaitOptions | undefined;
  /**
   * Accepts messages only once the primary, and so many replicas, have them on disk (`WAITAOF`, Redis 7.2 with
   * `appendonly yes`): the transport then declares `confirmation: 'durable'`. Default: memory is enough.
   */
  readonly waitAof?: WaitAofOptions | undefined;
  /** Messages that Redis takes in one step, during which it serves nobody else. Default: 1,000. */
  readonly chunkMessages?: number | undefined;
  /** Bytes that Redis takes in one step; a larger message goes alone. Default: 1 MiB, which is also the maximum. */
  readonly chunkBytes?: number | undefined;
  /**
   * Bytes of the largest payload; larger ones become dead letters. Must not exceed `proto-max-bulk-len` of the server
   * (512 MiB unless changed). Default: 16 MiB, at most 256 MiB, which the client holds several times in memory.
   */
  readonly maxPayloadBytes?: number | undefined;
  /** Milliseconds a call waits for a connection before Redis counts as unreachable. Default: 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds Redis may take to answer before the outcome counts as unknown. Default: 5,000. */
  readonly commandTimeoutMs?: number | undefined;
  /** Milliseconds between pings, by which a dead connection is found before it is needed. Default: 10,000. */
  readonly pingIntervalMs?: number | undefined;
}

/** Options after checking, besides those that say where to. */
export interface RedisSettings {
  readonly nameStream: StreamNaming;
  readonly maxLength: number | null;
  readonly proof: Proof | null;
  /** Whether the proof is one of disks. */
  readonly durable: boolean;
  readonly chunkMessages: number;
  readonly chunkBytes: number;
  readonly maxPayloadBytes: number;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly pingIntervalMs: number;
}

/** Where to, unchecked. */
export type Target = { readonly [K in keyof ConnectOptions | 'client']?: unknown };

const OWNER = 'redisTransport';
const HOUR_MS = 3_600_000;

/** Checks the options; throws a `TypeError` that names the option and holds no secret. */
export function readRedisOptions(options: unknown): { settings: RedisSettings; target: Target } {
  const { url, node, sentinel, cluster, client, stream, prefix, maxLength, wait, waitAof, ...numbers } =
    readOptions(OWNER, options, {
      url: any<unknown>(undefined),
      node: any<unknown>(undefined),
      sentinel: any<unknown>(undefined),
      cluster: any<unknown>(undefined),
      client: any<unknown>(undefined),
      stream: any<unknown>(undefined),
      prefix: readPrefix,
      maxLength: optionalInteger(1, Number.MAX_SAFE_INTEGER),
      wait: any<unknown>(undefined),
      waitAof: any<unknown>(undefined),
      chunkMessages: integer(1_000, 1, 10_000),
      chunkBytes: integer(1_048_576, 1, 1_048_576),
      maxPayloadBytes: integer(16 * 1_048_576, 1, 256 * 1_048_576),
      connectTimeoutMs: integer(5_000, 1, HOUR_MS),
      commandTimeoutMs: integer(5_000, 1, HOUR_MS),
      pingIntervalMs: integer(10_000, 10, HOUR_MS),
    });
  const settings: RedisSettings = {
    ...numbers,
    maxLength,
    nameStream: streamNaming(stream, prefix),
    proof: readProof(wait, waitAof),
    durable: waitAof !== undefined,
  };
  return { settings, target: { url, node, sentinel, cluster, client } };
}

function readProof(wait: unknown, waitAof: unknown): Proof | null {
  if (wait !== undefined && waitAof !== undefined) {
    throw new TypeError(`${OWNER} takes "wait" or "waitAof"; got both. "waitAof" counts replicas as well.`);
  }
  if (wait !== undefined) {
    const { replicas, timeoutMs } = readOptions(`${OWNER}: option "wait"`, wait, {
      // No default: 0 is what makes it fail when it is left out.
      replicas: integer(0, 1, 1_000),
      timeoutMs: integer(1_000, 1, HOUR_MS),
    });
    return waitProof(replicas, timeoutMs);
  }
  if (waitAof === undefined) return null;
  const { replicas, timeoutMs } = readOptions(`${OWNER}: option "waitAof"`, waitAof, {
    replicas: integer(0, 0, 1_000),
    timeoutMs: integer(1_000, 1, HOUR_MS),
  });
  return waitAofProof(replicas, timeoutMs);
}

function readPrefix(value: unknown, name: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} must be a text; got ${describe(value)}.`);
}

function optionalInteger(min: number, max: number): OptionCheck<number | null> {
  const check = integer(min, min, max);
  return (value, name) => (value === undefined ? null : check(value, name));
}
