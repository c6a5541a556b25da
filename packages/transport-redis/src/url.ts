import { OutboxError, type Transport } from '@outrelay/core';
import { readRedisUrl } from './redis-url.ts';
import { redisTransport } from './transport.ts';

const NUMBERS = [
  'maxLength',
  'chunkMessages',
  'chunkBytes',
  'maxPayloadBytes',
  'connectTimeoutMs',
  'commandTimeoutMs',
  'pingIntervalMs',
] as const;
const TEXTS = ['prefix', 'stream', 'sentinel'] as const;
const SWITCHES = ['cluster'] as const;
const KNOWN: readonly string[] = [...TEXTS, ...SWITCHES, ...NUMBERS];

/**
 * Creates the transport of a `redis:` or `rediss:` URL, for the command line and others who have nothing but texts.
 *
 * `redis://user:password@host:6379/0`, with options of {@link redisTransport} as the query, for example
 * `?prefix=shop:&maxLength=1000000`, or beside the URL. `cluster=true` says that the host is a node of a cluster,
 * `sentinel=NAME` that it is a Sentinel (the user and password are then those of Redis itself). `wait`, `waitAof` and
 * streams by pattern have no form in a URL.
 *
 * @throws OutboxError `CONFIG_INVALID` for a URL or option that is not accepted; it never shows the URL
 */
export function fromUrl(url: string, options: Readonly<Record<string, string>> = {}): Transport {
  try {
    return create(url, options);
  } catch (error) {
    if (error instanceof TypeError) throw new OutboxError('CONFIG_INVALID', error.message, { cause: error });
    throw error;
  }
}

function create(url: string, beside: Readonly<Record<string, string>>): Transport {
  const { bare, query } = split(url);
  const { cluster, sentinel, ...others } = optionsOf([...query, ...Object.entries(beside)]);
  if (cluster === undefined && sentinel === undefined) return redisTransport({ url: bare, ...others });
  if (cluster !== undefined && sentinel !== undefined) {
    throw new TypeError('A Redis URL takes "cluster" or "sentinel"; got both.');
  }
  const { host, port, db, ...access } = readRedisUrl(bare);
  if (sentinel !== undefined) {
    const nodes = [{ host, port: hasPort(bare) ? port : 26_379 }];
    return redisTransport({ sentinel: { name: String(sentinel), nodes, db, ...access }, ...others });
  }
  if (cluster !== 'true') throw new TypeError('The option "cluster" in a Redis URL must be "true".');
  if (db !== 0)
    throw new TypeError('A Redis Cluster has no databases besides 0: leave the path out of the URL.');
  return redisTransport({ cluster: { nodes: [{ host, port }], ...access }, ...others });
}

function optionsOf(
  given: readonly (readonly [name: string, value: string])[],
): Record<string, string | number> {
  const options: Record<string, string | number> = {};
  for (const [name, value] of given) {
    if (!KNOWN.includes(name)) {
      throw new TypeError(`A Redis URL takes the options ${KNOWN.join(', ')}; got ${JSON.stringify(name)}.`);
    }
    if (Object.hasOwn(options, name))
      throw new TypeError(`The option "${name}" is given twice in the Redis URL.`);
    options[name] = (NUMBERS as readonly string[]).includes(name) ? readNumber(name, value) : value;
  }
  return options;
}

function split(url: string): { bare: string; query: URLSearchParams } {
  if (typeof url !== 'string' || !URL.canParse(url)) {
    throw new TypeError('Expected a Redis URL such as "redis://localhost:6379/0".');
  }
  const at = url.indexOf('?');
  if (at === -1) return { bare: url, query: new URLSearchParams() };
  return { bare: url.slice(0, at), query: new URL(url).searchParams };
}

function hasPort(url: string): boolean {
  return new URL(url).port !== '';
}

function readNumber(name: string, value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new TypeError(`The option "${name}" in a Redis URL must be a whole number.`);
}
