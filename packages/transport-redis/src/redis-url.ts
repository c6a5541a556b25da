import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** The parts of a `redis:` or `rediss:` URL. */
export interface RedisUrl {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsOptions;
}

/**
 * Reads `redis://user:password@host:port/db`.
 *
 * @throws TypeError that holds nothing of the URL: there may be a password anywhere in it
 */
export function readRedisUrl(value: unknown): RedisUrl {
  const url = parse(value);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw wrong(`begin with "redis://" or "rediss://"; got ${JSON.stringify(url.protocol)}`);
  }
  if (url.hostname === '') throw wrong('name a host');
  if (url.search !== '' || url.hash !== '') {
    throw wrong('end with the number of the database: further options stand beside it');
  }
  if (!/^\/?\d{0,6}$/.test(url.pathname)) throw wrong('have the number of a database as its path, or none');
  const username = decode(url.username);
  const password = decode(url.password);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(url.pathname.slice(1)),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function parse(value: unknown): URL {
  try {
    return new URL(value as string);
  } catch {
    throw wrong('be a URL such as "redis://localhost:6379/0"');
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong('have user and password in percent-encoding');
  }
}

function wrong(what: string): TypeError {
  return new TypeError(`redisTransport: option "url" must ${what}.`);
}
