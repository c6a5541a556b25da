import { OutboxError } from '@outrelay/core';
import type { Cancellation } from './cancellation.ts';
import type { AddressMap, RedisCluster, RedisConnection } from './client.ts';
import { Connection, endClient } from './connection.ts';
import { unavailable } from './errors.ts';
import type { Line } from './line.ts';
import type { Redirect } from './outcome.ts';
import { Readiness } from './readiness.ts';
import type { Group, Servers } from './servers.ts';
import { slotOf } from './slot.ts';

/**
 * The nodes of a Redis Cluster.
 *
 * ioredis keeps the map of the slots and the connections; the commands go to the connections directly, because its
 * cluster client repeats commands by itself after a lost connection and does not tell what was sent.
 */
export class ClusterServers implements Servers {
  readonly areOne = false;
  readonly #cluster: RedisCluster;
  readonly #own: boolean;
  readonly #connectTimeoutMs: number;
  readonly #readiness: Readiness;
  readonly #connections = new Map<RedisConnection, Connection>();
  /** What nodes said about slots; newer than the map of ioredis, which may come from a node that lags behind. */
  readonly #moved = new Map<number, string>();
  /** Connections to nodes that ioredis does not know yet; ours whoever owns the client. */
  readonly #extra = new Map<string, RedisConnection>();
  #cause: unknown = null;
  readonly #failed = (error: unknown): void => {
    this.#cause = error;
  };

  constructor(cluster: RedisCluster, own: boolean, connectTimeoutMs: number) {
    this.#cluster = cluster;
    this.#own = own;
    this.#readiness = new Readiness(cluster);
    this.#connectTimeoutMs = connectTimeoutMs;
    if (own) cluster.on('error', this.#failed);
  }

  async place(lines: readonly Line[], cancellation: Cancellation): Promise<readonly Group[]> {
    if (!(await this.#ready(cancellation))) return [];
    const groups = new Map<string, { connection: Connection; asking: boolean; lines: Line[] }>();
    for (const line of lines) {
      const once = line.redirect;
      line.redirect = null;
      const connection = await this.#serving(line.stream, once);
      if (connection === null) {
        line.unserved(unserved(line.stream));
        continue;
      }
      const asking = once !== null;
      const name = `${connection.name}${asking ? ' asking' : ''}`;
      const group = groups.get(name) ?? { connection, asking, lines: [] };
      group.lines.push(line);
      groups.set(name, group);
    }
    return [...groups.values()];
  }

  async locate(stream: string, once: Redirect | null, cancellation: Cancellation): Promise<Connection> {
    await this.#ready(cancellation);
    const connection = await this.#serving(stream, once);
    if (connection === null) throw unserved(stream);
    return connection;
  }

  follow(stream: string, redirect: Redirect): boolean {
    if (redirect.address === null) return false;
    if (!redirect.once) this.#moved.set(slotOf(stream), this.#mapped(redirect.address));
    return true;
  }

  async hasMoved(stream: string, connection: Connection): Promise<boolean> {
    this.#moved.delete(slotOf(stream));
    await this.#refresh();
    const address = this.#addressOf(stream);
    return address !== null && address !== connection.name;
  }

  async representative(cancellation: Cancellation): Promise<Connection> {
    await this.#ready(cancellation);
    const nodes = this.#cluster.nodes('master');
    const node = nodes.find(({ status }) => status === 'ready') ?? nodes[0];
    if (node === undefined) throw unavailable('The cluster', 'no node is known');
    return this.#connection(node);
  }

  open(): readonly Connection[] {
    const nodes = this.#own ? this.#cluster.nodes('master') : [];
    return [...nodes, ...this.#extra.values()].map((redis) => this.#connection(redis));
  }

  async close(): Promise<void> {
    const connections = [...this.#connections.values()];
    await Promise.all(connections.map((connection) => connection.end()));
    if (this.#own) await endClient(this.#cluster);
  }

  async #ready(cancellation: Cancellation): Promise<boolean> {
    try {
      return await this.#readiness.wait(this.#connectTimeoutMs, cancellation, false, this.#cause);
    } catch (cause) {
      throw unavailable('The cluster', cause);
    }
  }

  /** The connection to the node that serves a stream, or that a redirection names; `null` for no node. */
  async #serving(stream: string, once: Redirect | null): Promise<Connection | null> {
    let address = once?.address ?? this.#addressOf(stream);
    if (address === null) {
      await this.#refresh();
      address = this.#addressOf(stream);
    }
    const redis = address === null ? null : await this.#redis(address);
    return address === null || redis === null ? null : this.#connection(redis, address);
  }

  #addressOf(stream: string): string | null {
    const slot = slotOf(stream);
    return this.#moved.get(slot) ?? this.#cluster.slots[slot]?.[0] ?? null;
  }

  /** Asks the nodes for the map of the slots again; where that fails, the map stays as it is. */
  #refresh(): Promise<void> {
    return new Promise((resolve) => {
      this.#cluster.refreshSlotsCache(() => resolve());
    });
  }

  /** The connection to a node, which need not be open. */
  async #redis(address: string): Promise<RedisConnection | null> {
    const known = this.#known(address);
    if (known !== null) return known;
    // A node whose connection was lost is taken up again with the map; a new one may not be in it yet.
    await this.#refresh();
    return this.#known(address) ?? this.#connectTo(address);
  }

  #known(address: string): RedisConnection | null {
    const node = this.#cluster.nodes('master').find(({ options }) => addressOf(options) === address);
    return node ?? this.#extra.get(address) ?? null;
  }

  #connectTo(address: string): RedisConnection | null {
    const [model] = this.#cluster.nodes('master');
    if (model === undefined) return null;
    const colon = address.lastIndexOf(':');
    const redis = model.duplicate({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    this.#extra.set(address, redis);
    redis.on('end', () => {
      if (this.#extra.get(address) === redis) this.#extra.delete(address);
    });
    return redis;
  }

  #connection(redis: RedisConnection, name?: string): Connection {
    const known = this.#connections.get(redis);
    if (known !== undefined) return known;
    const own = this.#own || [...this.#extra.values()].includes(redis);
    const connection = new Connection(redis, own, name ?? addressOf(redis.options));
    this.#connections.set(redis, connection);
    redis.on('end', () => this.#connections.delete(redis));
    return connection;
  }

  /** Nodes may announce addresses that are reached under others from here. */
  #mapped(address: string): string {
    const map: AddressMap | undefined = this.#cluster.options.natMap;
    const target = typeof map === 'function' ? map(address) : map?.[address];
    return target === null || target === undefined ? address : addressOf(target);
  }
}

function addressOf({ host, port }: { host?: string | undefined; port?: number | undefined }): string {
  return `${host ?? '127.0.0.1'}:${port ?? 6379}`;
}

function unserved(stream: string): OutboxError {
  return new OutboxError(
    'TRANSPORT_FAILED',
    `No node of the cluster serves the slot of the stream ${JSON.stringify(stream)} at the moment.`,
  );
}
