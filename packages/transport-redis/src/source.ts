import type { MessageSource, SourceCapabilities, SourceDelivery } from '@outrelay/core';
import { describe } from '@outrelay/core';
import { isCluster, type RedisClient } from './client.ts';
import { ClusterServers } from './cluster.ts';
import { connect, ownClusterSettings, ownSettings } from './connect.ts';
import { deadLettersOf } from './dead-letters.ts';
import { GroupMissing, Link } from './link.ts';
import { firstOf, Reader } from './reader.ts';
import { SingleServer } from './single.ts';
import { slotOf } from './slot.ts';
import {
  type RedisSourceOptions,
  readSourceOptions,
  SOURCE_OWNER,
  type SourceTarget,
} from './source-options.ts';
import type { Servers } from './servers.ts';
import { type EntryRef, StreamGroup } from './stream-group.ts';

/** What a Redis source observably does. */
export const sourceCapabilities: SourceCapabilities = { redelivery: 'counted', rejected: 'kept' };

/** How long one read blocks, in milliseconds: an abort waits for it at most. */
const BLOCK_MS = 500;

/**
 * Reads messages of {@link redisTransport} from Redis Streams in a consumer group, through ioredis: a single server, a
 * primary behind Sentinel, or a cluster.
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
  const { streams, connectTimeoutMs } = settings;
  const servers = serversOf(target, connectTimeoutMs);
  const clustered = !servers.areOne;
  const deadLetters = deadLettersOf(settings.deadLetterStream, streams, clustered);
  const commands = new Link(servers, settings);
  const groups = streams.map((stream) => new StreamGroup(stream, commands, settings, deadLetters));
  /** Received and not asked for yet: Redis counts per stream, and reads of several slots end when they like. */
  let surplus: SourceDelivery[] = [];
  let nextClaimAtMs = 0;
  const take = (deliveries: readonly SourceDelivery[]): void => void surplus.push(...deliveries);
  const readers = readable(groups, clustered).map(
    (some) => new Reader(some, new Link(serversOf(target, connectTimeoutMs), settings), settings, take),
  );

  // A refresh that fails is followed by another one, and in the worst case somebody takes the entries over.
  const heartbeat = setInterval(
    () => {
      for (const group of groups) group.refresh().catch(() => {});
    },
    Math.max(10, settings.idleMs / 3),
  );
  heartbeat.unref();

  /** Looks for what somebody had before. Answers with the failure of a stream whose neighbours may go on, or `null`. */
  async function again(limit: number): Promise<Error | null> {
    const claiming = performance.now() >= nextClaimAtMs;
    let more = false;
    let failure: Error | null = null;
    for (const group of groups) {
      try {
        await group.ensure();
        if (surplus.length < limit) take(await group.returning(limit - surplus.length));
        if (!claiming) continue;
        if (surplus.length >= limit) {
          more = true;
          continue;
        }
        const claimed = await group.claim(limit - surplus.length);
        take(claimed.deliveries);
        more ||= claimed.more;
      } catch (error) {
        if (error instanceof GroupMissing) group.vanished();
        if (readers.length === 1) throw error;
        failure ??= error as Error;
      }
    }
    if (claiming && !more) nextClaimAtMs = performance.now() + settings.claimIntervalMs;
    return failure;
  }

  /** Fills the surplus, unless nothing comes in time. */
  async function look(limit: number, endMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const failure = await again(limit);
      if (surplus.length > 0) return;
      const leftMs = Math.ceil(Math.min(endMs, nextClaimAtMs) - performance.now());
      const blockMs = Math.max(0, Math.min(BLOCK_MS, leftMs));
      await firstOf(readers.map((reader) => reader.read(limit, blockMs)));
      if (surplus.length > 0) return;
      if (failure !== null) throw failure;
      if (performance.now() >= endMs) return;
    }
  }

  return {
    spec: 1,
    name: 'redis',
    capabilities: sourceCapabilities,

    async receive({ limit, waitMs }, signal) {
      const endMs = performance.now() + waitMs;
      for (let tries = 0; surplus.length === 0; tries++) {
        try {
          await look(limit, endMs, signal);
          break;
        } catch (error) {
          // The stream was deleted, or a failover lost the group: what is there now is read from its beginning.
          if (!(error instanceof GroupMissing) || tries === 2) throw error;
        }
      }
      return surplus.splice(0, limit);
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
      // What a read still brings is in hands, too, and given back with the rest.
      await Promise.all(readers.map((reader) => reader.close()));
      surplus = [];
      for (const group of groups) {
        // Best effort: after `idleMs` others take over all the same.
        await group
          .release([...group.out])
          .then(() => group.leave())
          .catch(() => {});
      }
      await commands.close();
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

/** The streams that one command can read together. */
function readable(groups: readonly StreamGroup[], clustered: boolean): readonly (readonly StreamGroup[])[] {
  const bySlot = new Map<number, StreamGroup[]>();
  for (const group of groups) {
    const slot = clustered ? slotOf(group.stream) : 0;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), group]);
  }
  return [...bySlot.values()];
}

function serversOf({ client, ...target }: SourceTarget, connectTimeoutMs: number): Servers {
  if (client === undefined) return connect({ ...target, client: undefined }, connectTimeoutMs, SOURCE_OWNER);
  const given: Partial<RedisClient> | null = client;
  if (typeof given !== 'object' || typeof given?.duplicate !== 'function') {
    throw new TypeError(
      `${SOURCE_OWNER}: option "client" must be a Redis or Cluster of ioredis 5 or 6; got ${describe(client)}.`,
    );
  }
  const original = given as RedisClient;
  if (!isCluster(original)) {
    return new SingleServer(original.duplicate({ ...ownSettings(connectTimeoutMs), keyPrefix: '' }), true);
  }
  const { redisOptions, ...own } = ownClusterSettings(connectTimeoutMs);
  const cluster = original.duplicate([], {
    ...own,
    keyPrefix: '',
    redisOptions: { ...original.options.redisOptions, ...redisOptions, keyPrefix: '' },
  });
  return new ClusterServers(cluster, true, connectTimeoutMs);
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
