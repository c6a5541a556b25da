import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { any, describe, integer, type OptionCheck, readOptions } from '@outrelay/core';
import type { AddressMap } from './client.ts';

/** Where Redis is: exactly one of these, or a client. */
export interface ConnectOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://…` for TLS; a single server, nothing behind a `?`. */
  readonly url?: string | URL | undefined;
  /** A single server. */
  readonly node?: NodeOptions | undefined;
  /** A primary that Redis Sentinel names, and finds again after a failover. */
  readonly sentinel?: SentinelOptions | undefined;
  /** A Redis Cluster. */
  readonly cluster?: ClusterOptions | undefined;
}

/** An address. */
export interface Address {
  readonly host: string;
  /** Default: 6,379; of a Sentinel 26,379. */
  readonly port?: number | undefined;
}

/** Who asks, and how the connection is protected. */
export interface AccessOptions {
  /** Default: the user `default`. */
  readonly username?: string | undefined;
  /** Default: none. */
  readonly password?: string | undefined;
  /** `true`, or options of `tls.connect`. Default: no TLS. */
  readonly tls?: boolean | TlsOptions | undefined;
}

/** Options of a single server. */
export interface NodeOptions extends AccessOptions {
  /** Default: `localhost`. */
  readonly host?: string | undefined;
  /** Default: 6,379. */
  readonly port?: number | undefined;
  /** A Unix socket, instead of host and port. Default: none. */
  readonly path?: string | undefined;
  /** Number of the database. Default: 0. */
  readonly db?: number | undefined;
}

/** Options of a primary behind Sentinel; user, password and TLS are those of Redis itself. */
export interface SentinelOptions extends AccessOptions {
  /** Name of the primary in the Sentinels' configuration, for example `mymaster`. */
  readonly name: string;
  /** Some of the Sentinels; they know the others. */
  readonly nodes: readonly Address[];
  /** Number of the database. Default: 0. */
  readonly db?: number | undefined;
  /** User and password of the Sentinels themselves. Default: none. */
  readonly sentinelUsername?: string | undefined;
  readonly sentinelPassword?: string | undefined;
  /** TLS to the Sentinels. Default: none. */
  readonly sentinelTls?: boolean | TlsOptions | undefined;
  /** Where announced addresses (`host:port`) are reached from here. Default: where they say. */
  readonly natMap?: AddressMap | undefined;
}

/** Options of a cluster. */
export interface ClusterOptions extends AccessOptions {
  /** Some of the nodes; they know the others. */
  readonly nodes: readonly Address[];
  /** Where announced addresses (`host:port`) are reached from here. Default: where they say. */
  readonly natMap?: AddressMap | undefined;
}

/** {@link AccessOptions} after checking. */
export interface Access {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: TlsOptions | undefined;
}

const ACCESS = { username: optionalText, password: optionalText, tls: optionalTls };
const NAT_MAP = any<AddressMap | undefined>(undefined);
const DB = integer(0, 0, 1_000_000);

/** Checks the option `node`. */
export function readNode(
  value: unknown,
): Access & { host: string | undefined; port: number; path: string | undefined; db: number } {
  return readOptions('redisTransport: option "node"', value, {
    ...ACCESS,
    host: optionalText,
    port: integer(6379, 1, 65_535),
    path: optionalText,
    db: DB,
  });
}

/** Checks the option `sentinel`. */
export function readSentinel(value: unknown): Access & {
  name: string;
  nodes: readonly CheckedAddress[];
  db: number;
  sentinelUsername: string | undefined;
  sentinelPassword: string | undefined;
  sentinelTls: TlsOptions | undefined;
  natMap: AddressMap | undefined;
} {
  return readOptions('redisTransport: option "sentinel"', value, {
    ...ACCESS,
    name: neededText,
    nodes: addresses(26_379),
    db: DB,
    sentinelUsername: optionalText,
    sentinelPassword: optionalText,
    sentinelTls: optionalTls,
    natMap: NAT_MAP,
  });
}

/** Checks the option `cluster`. */
export function readCluster(
  value: unknown,
): Access & { nodes: readonly CheckedAddress[]; natMap: AddressMap | undefined } {
  return readOptions('redisTransport: option "cluster"', value, {
    ...ACCESS,
    nodes: addresses(6379),
    natMap: NAT_MAP,
  });
}

/** {@link Address} after checking. */
export interface CheckedAddress {
  readonly host: string;
  readonly port: number;
}

function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : neededText(value, name);
}

function neededText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  // What was given may be a password.
  const got =
    typeof value === 'string' ? 'an empty text' : typeof value === 'object' ? 'an object' : typeof value;
  throw new TypeError(`${name} must be a text that is not empty; got ${got}.`);
}

function optionalTls(value: unknown, name: string): TlsOptions | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return {};
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError(`${name} must be true, false or options of tls.connect; got ${describe(value)}.`);
}

function addresses(defaultPort: number): OptionCheck<readonly CheckedAddress[]> {
  const port = integer(defaultPort, 1, 65_535);
  return (value, name) => {
    if (!Array.isArray(value) || value.length === 0) {
      throw new TypeError(`${name} must be an array of at least one { host, port }; got ${describe(value)}.`);
    }
    return value.map((address, at) => readOptions(`${name}[${at}]`, address, { host: neededText, port }));
  };
}
