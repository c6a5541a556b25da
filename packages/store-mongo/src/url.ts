import { OutboxError } from '@outrelay/core';
import { MongoClient } from 'mongodb';
import type { MongoStoreOptions } from './options.ts';
import { type MongoStore, mongoStore } from './store.ts';

/** Options of the store that a URL can carry, and whether they are whole numbers. */
const OPTIONS = {
  prefix: 'text',
  history: 'text',
  historyRetentionMs: 'number',
  receiptRetentionMs: 'number',
} as const satisfies Partial<Record<keyof MongoStoreOptions, 'text' | 'number'>>;

/**
 * Creates the store of a `mongodb:` or `mongodb+srv:` URL, for the command line and others who have nothing but texts.
 *
 * The URL is that of the driver, and its path names the database, as in `mongodb://db1,db2/shop?replicaSet=rs0`.
 * Options of {@link mongoStore}, except `client` and `database`, stand in the query, as in
 * `mongodb://db/shop?prefix=a_`, or beside the URL. The client is the store's own and ends with it.
 *
 * @throws OutboxError `CONFIG_INVALID` for a URL or option that is not accepted
 */
export function fromUrl(url: string, options: Readonly<Record<string, string>> = {}): MongoStore {
  const [, base, query] = /^(mongodb(?:\+srv)?:\/\/[^?#]+)(?:\?([^#]*))?$/i.exec(url) ?? [];
  if (base === undefined) throw invalid('expected a URL such as mongodb://127.0.0.1/shop?replicaSet=rs0');
  const [, database] = /^[^/]+\/\/[^/]+\/(.+)$/.exec(base) ?? [];
  if (database === undefined)
    throw invalid('the path must name the database, as in mongodb://127.0.0.1/shop');
  const ofDriver = new URLSearchParams();
  const given: (readonly [name: string, value: string])[] = Object.entries(options);
  for (const [name, value] of new URLSearchParams(query ?? '')) {
    if (Object.hasOwn(OPTIONS, name)) given.push([name, value]);
    else ofDriver.append(name, value);
  }
  const settings = optionsOf(given);
  const client = clientOf(ofDriver.size === 0 ? base : `${base}?${ofDriver.toString()}`);
  try {
    const store = mongoStore({ ...settings, client, database: decodeURIComponent(database) });
    return {
      ...store,
      async close() {
        await store.close();
        await client.close();
      },
    };
  } catch (error) {
    throw configError(error);
  }
}

function clientOf(url: string): MongoClient {
  try {
    return new MongoClient(url, { appName: 'outrelay' });
  } catch (error) {
    throw configError(error);
  }
}

function configError(error: unknown): unknown {
  const isInvalid = error instanceof TypeError || /^Mongo(Parse|InvalidArgument)/.test((error as Error).name);
  return isInvalid ? new OutboxError('CONFIG_INVALID', (error as Error).message, { cause: error }) : error;
}

function optionsOf(
  given: readonly (readonly [name: string, value: string])[],
): Record<string, string | number> {
  const options: Record<string, string | number> = {};
  for (const [name, value] of given) {
    if (!Object.hasOwn(OPTIONS, name))
      throw invalid(`it has no option ${JSON.stringify(name)}, only ${Object.keys(OPTIONS).join(', ')}`);
    if (Object.hasOwn(options, name)) throw invalid(`the option "${name}" is given twice`);
    const isNumber = OPTIONS[name as keyof typeof OPTIONS] === 'number';
    if (isNumber && !/^\d{1,15}$/.test(value))
      throw invalid(`the option "${name}" must be a whole number; got ${JSON.stringify(value)}`);
    options[name] = isNumber ? Number(value) : value;
  }
  return options;
}

function invalid(reason: string): OutboxError {
  return new OutboxError('CONFIG_INVALID', `The MongoDB store cannot be created by URL: ${reason}.`);
}
