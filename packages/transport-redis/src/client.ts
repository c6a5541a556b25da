/** An argument of a command. A text travels as UTF-8, a `Buffer` as it is. */
export type Argument = string | number | Buffer;

/** A command by its name and arguments, as it goes over the wire. */
export interface Command {
  readonly name: string;
  readonly args: Argument[];
}

/** What came back for one command: an error, or `null` and the reply. */
export type Reply = readonly [error: Error | null, value?: unknown];

/**
 * The part of an ioredis connection to one server (`Redis`, version 5 or 6) that this package uses.
 *
 * Commands travel in pipelines alone: one write, one promise and one round trip for as many commands as there are.
 */
export interface RedisConnection {
  /** `wait`, `connecting`, `connect`, `ready`, `close`, `reconnecting` or `end`. */
  readonly status: string;
  readonly options: ConnectionSettings;
  pipeline(commands: unknown[][]): { exec(): Promise<readonly Reply[] | null> };
  connect(): Promise<unknown>;
  disconnect(reconnect?: boolean): void;
  duplicate(override: Readonly<Record<string, unknown>>): RedisConnection;
  on(event: string, listener: (cause?: unknown) => void): unknown;
  off(event: string, listener: (cause?: unknown) => void): unknown;
}

/** The part of an ioredis `Cluster` that this package uses: where slots live, and the connections to the nodes. */
export interface RedisCluster {
  readonly isCluster: boolean;
  readonly status: string;
  readonly options: ClusterSettings;
  /** By slot: the nodes that hold it as `host:port`, the primary first. */
  readonly slots: readonly (readonly string[] | undefined)[];
  nodes(role: 'master'): readonly RedisConnection[];
  duplicate(overrideStartupNodes: [], overrideOptions: Readonly<Record<string, unknown>>): RedisCluster;
  refreshSlotsCache(callback: (error?: unknown) => void): void;
  connect(): Promise<unknown>;
  disconnect(): void;
  on(event: string, listener: (cause?: unknown) => void): unknown;
  off(event: string, listener: (cause?: unknown) => void): unknown;
}

/** An ioredis client, version 5 or 6: `Redis` (single node or Sentinel) or `Cluster`. */
export type RedisClient = RedisConnection | RedisCluster;

/** Settings of a connection that decide whether it may carry messages. */
export interface ConnectionSettings {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly enableOfflineQueue?: boolean | undefined;
  readonly autoResendUnfulfilledCommands?: boolean | undefined;
  readonly maxRetriesPerRequest?: number | null | undefined;
  readonly keyPrefix?: string | undefined;
  readonly readOnly?: boolean | undefined;
}

/** Settings of a cluster client that matter here. */
export interface ClusterSettings {
  readonly keyPrefix?: string | undefined;
  readonly redisOptions?: Omit<ConnectionSettings, 'host' | 'port' | 'path'> | undefined;
  readonly natMap?: AddressMap | undefined;
}

/** Where the addresses that cluster nodes announce are reached from here. */
export type AddressMap =
  | Record<string, { host: string; port: number }>
  | ((address: string) => { host: string; port: number } | null);

/** Tells a cluster client from a connection to one server. */
export function isCluster(client: RedisClient): client is RedisCluster {
  return 'isCluster' in client && client.isCluster;
}
