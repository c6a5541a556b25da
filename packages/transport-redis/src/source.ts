import type { MessageSource, SourceCapabilities, SourceDelivery } from '@outrelay/core';
import { describe } from '@outrelay/core';
import { isCluster, type RedisClient, type RedisConnection } from './client.ts';
import { connect, ownSettings } from './connect.ts';
import { GroupMissing, Link } from './link.ts';
import { SingleServer } from './single.ts';
import {
  type RedisSourceOptions,
  readSourceOptions,
  SOURCE_OWNER,
  type SourceTarget,
} from './source-options.ts';
import type { Servers } from './servers.ts';
import { type EntryRef, entriesOf, StreamGroup } from './stream-group.ts';

/** What a Redis source observably does. */
export const sourceCapabilities: SourceCapabilities = { redelivery: 'counted', rejected: 'kept' };

/** How long one read blocks, in milliseconds: an abort waits for it at most. */
const BLOCK_MS = 500;

/**
 * Reads messages of {@link redisTransport} from Redis Streams in a consumer group, through ioredis: a single server, or
 * a primary behind Sentinel.
 *
 * Entries are acknowledged when the consumer has committed; those of a process that died go to another one. Redis
 * hands each entry to one process of the group: messages of one key are in order within a process, not across them.
 *
 * ```ts
 * import { redisSource } from '@outrelay/transport-redis';
 *
 * const source = redisSource({ url: 'redis://localhost:6379', streams: ['order.placed'], group: 'billing' });
 * ```
 *
 * @throws TypeError for an option that is missing, unknown or has a wrong value; it never shows a password
 */
export function redisSource(options: RedisSourceOptions): MessageSource {
  const { settings: given, target } = readSourceOptions(options);
  const settings = { ...given, onTrimmed: given.onTrimmed ?? warnOnce() };
  const commands = new Link(serversOf(target, settings.connectTimeoutMs), settings);
  /** Blocked reads have a connection of their own, so that nothing waits behind them. */
  const reads = new Link(serversOf(target, settings.connectTimeoutMs), settings);
  const groups = settings.streams.map((stream) => new StreamGroup(stream, commands, settings));
  /** Received and not asked for yet: Redis counts per stream. */
  let surplus: SourceDelivery[] = [];
  let nextClaimAtMs = 0;

  // A refresh that fails is followed by another one, and in the worst case somebody takes the entries over.
  const heartbeat = setInterval(
    () => {
      for (const group of groups) group.refresh().catch(() => {});
    },
    Math.max(10, settings.idleMs / 3),
  );
  heartbeat.unref();

  async function again(limit: number): Promise<readonly SourceDelivery[]> {
    const found: SourceDelivery[] = [];
    for (const group of groups)
      if (found.length < limit) found.push(...(await group.returning(limit - found.length)));
    if (performance.now() < nextClaimAtMs) return found;
    let more = false;
    for (const group of groups) {
      if (found.length >= limit) {
        more = true;
        break;
      }
      const claimed = await group.claim(limit - found.length);
      found.push(...claimed.deliveries);
      more ||= claimed.more;
    }
    if (!more) nextClaimAtMs = performance.now() + settings.claimIntervalMs;
    return found;
  }

  async function fresh(limit: number, blockMs: number): Promise<readonly SourceDelivery[]> {
    const { group, consumer, streams } = settings;
    const block = blockMs > 0 ? ['BLOCK', blockMs] : [];
    const args = ['GROUP', group, consumer, 'COUNT', limit, ...block, 'STREAMS', ...streams];
    args.push(...streams.map(() => '>'));
    const [reply] = await reads.send([{ name: 'XREADGROUP', args }], blockMs);
    return entriesOf(reply).flatMap(
      ([stream, entries]) => groups.find((one) => one.stream === stream)?.fresh(entries) ?? [],
    );
  }

  /** Up to `limit` of what was found; the rest waits for the next call. */
  function yielded(found: readonly SourceDelivery[], limit: number): readonly SourceDelivery[] {
    surplus.push(...found);
    return surplus.splice(0, limit);
  }

  async function look(limit: number, endMs: number, signal: AbortSignal): Promise<readonly SourceDelivery[]> {
    while (!signal.aborted) {
      for (const group of groups) await group.ensure();
      const found = await again(limit);
      if (found.length > 0) return found;
      const leftMs = Math.ceil(Math.min(endMs, nextClaimAtMs) - performance.now());
      const read = await fresh(limit, Math.max(0, Math.min(BLOCK_MS, leftMs)));
      if (read.length > 0 || performance.now() >= endMs) return read;
    }
    return [];
  }

  return {
    spec: 1,
    name: 'redis',
    capabilities: sourceCapabilities,

    async receive({ limit, waitMs }, signal) {
      if (surplus.length > 0) return yielded([], limit);
      const endMs = performance.now() + waitMs;
      for (let tries = 0; ; tries++) {
        try {
          return yielded(await look(limit, endMs, signal), limit);
        } catch (error) {
          if (!(error instanceof GroupMissing)) throw error;
          // The stream was deleted, or a failover lost the group: what is there now is read from its beginning.
          for (const group of groups) group.vanished();
          if (tries === 2) throw error;
        }
      }
    },

    async acknowledge(deliveries) {
      for (const [group, refs] of byGroup(deliveries)) await ignoringLoss(group.acknowledge(idsOf(refs)));
    },

    async reject(rejections) {
      for (const rejection of rejections) {
        const ref = rejection.delivery.ref as EntryRef;
        await ref.group.reject(ref, rejection);
      }
    },

    async release(deliveries) {
      for (const [group, refs] of byGroup(deliveries)) await ignoringLoss(group.release(idsOf(refs)));
    },

    async close() {
      clearInterval(heartbeat);
      surplus = [];
      for (const group of groups) {
        // Best effort: after `idleMs` others take over all the same.
        await group
          .release([...group.out])
          .then(() => group.leave())
          .catch(() => {});
      }
      await Promise.all([commands.close(), reads.close()]);
    },
  };
}

/** A group that is gone holds nothing that could be delivered again under its old ids. */
async function ignoringLoss(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof GroupMissing)) throw error;
  }
}

function byGroup(deliveries: readonly SourceDelivery[]): ReadonlyMap<StreamGroup, readonly EntryRef[]> {
  const refs = new Map<StreamGroup, EntryRef[]>();
  for (const { ref } of deliveries) {
    const entry = ref as EntryRef;
    const known = refs.get(entry.group);
    if (known === undefined) refs.set(entry.group, [entry]);
    else known.push(entry);
  }
  return refs;
}

function idsOf(refs: readonly EntryRef[]): readonly string[] {
  return refs.map(({ id }) => id);
}

function serversOf({ client, ...target }: SourceTarget, connectTimeoutMs: number): Servers {
  if (client === undefined) return connect({ ...target, client: undefined }, connectTimeoutMs, SOURCE_OWNER);
  const given: Partial<RedisConnection> | null = client;
  if (
    typeof given !== 'object' ||
    typeof given?.duplicate !== 'function' ||
    isCluster(given as RedisClient)
  ) {
    throw new TypeError(
      `${SOURCE_OWNER}: option "client" must be a Redis of ioredis 5 or 6; got ${describe(client)}.`,
    );
  }
  const own = (given as RedisConnection).duplicate({ ...ownSettings(connectTimeoutMs), keyPrefix: '' });
  return new SingleServer(own, true);
}

function warnOnce(): (stream: string, ids: readonly string[]) => void {
  let warned = false;
  return (stream, ids) => {
    if (warned) return;
    warned = true;
    process.emitWarning(
      `Entries of the stream ${JSON.stringify(stream)} were trimmed before anybody handled them, for example ${ids[0] ?? ''}.`,
      {
        type: 'OutrelayWarning',
        detail: 'Raise maxLength of the transport, or handle them with `onTrimmed`.',
      },
    );
  };
}
