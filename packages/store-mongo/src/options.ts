import { describe, integer, type OptionCheck, oneOf, readOptions } from '@outrelay/core';
import { isClient, type MongoClientLike } from './client.ts';
import { type Collections, collectionsOf } from './collections.ts';

/** Options of `mongoStore`. */
export interface MongoStoreOptions {
  /**
   * The client that the store uses: a `MongoClient` of mongodb 6 or 7, or `mongoose.connection.getClient()`. It stays
   * yours: the store never closes it. Reads and writes of the store go to the primary with majority concerns, whatever
   * the client is set to.
   */
  readonly client: MongoClientLike;
  /**
   * The database of the collections. A transaction may write to several databases, so it can be another one than that
   * of the business data. Default: the one in the client's URL.
   */
  readonly database?: string | undefined;
  /**
   * Put in front of the names of all collections, so that several installations share a database. Letters, digits and
   * `_`, at most 32, not beginning with a digit. Default: nothing.
   */
  readonly prefix?: string | undefined;
  /**
   * What is kept of sent messages. `'summary'`: id, topic, key, times and attempts. `'full'`: payload and headers too.
   * `'none'`: nothing, which is the fastest. Default: `'summary'`.
   */
  readonly history?: 'summary' | 'full' | 'none' | undefined;
  /** Milliseconds that history is kept. Default: 86,400,000 (a day). */
  readonly historyRetentionMs?: number | undefined;
  /** Milliseconds that inbox receipts are kept. Default: 2,592,000,000 (30 days). */
  readonly receiptRetentionMs?: number | undefined;
}

/** Checked {@link MongoStoreOptions}. */
export interface MongoStoreSettings {
  readonly client: MongoClientLike;
  readonly database: string | undefined;
  readonly collections: Collections;
  readonly history: 'summary' | 'full' | 'none';
  readonly historyRetentionMs: number;
  readonly receiptRetentionMs: number;
}

const DAY_MS = 86_400_000;
const retention = (days: number): OptionCheck<number> => integer(days * DAY_MS, 0, Number.MAX_SAFE_INTEGER);

/** Checks the options. */
export function readMongoOptions(owner: string, options: MongoStoreOptions): MongoStoreSettings {
  const { prefix, ...settings } = readOptions(owner, options, {
    client: checkClient,
    database: checkDatabase,
    prefix: checkPrefix,
    history: oneOf<'summary' | 'full' | 'none'>('summary', ['summary', 'full', 'none']),
    historyRetentionMs: retention(1),
    receiptRetentionMs: retention(30),
  });
  return { ...settings, collections: collectionsOf(prefix) };
}

function checkClient(value: unknown, name: string): MongoClientLike {
  if (isClient(value)) return value;
  throw new TypeError(
    `${name} must be a MongoClient of mongodb 6 or 7, for example new MongoClient(url) or mongoose.connection.getClient(); got ${describe(value)}.`,
  );
}

function checkDatabase(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[^\0/\\. "$*<>:|?]{1,63}$/.test(value)) return value;
  throw new TypeError(`${name} must be the name of a database; got ${describe(value)}.`);
}

function checkPrefix(value: unknown, name: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && /^[A-Za-z_]\w{0,31}$/.test(value) && !value.startsWith('system'))
    return value;
  throw new TypeError(
    `${name} must be 1 to 32 letters, digits or "_", not begin with a digit, and not with "system", which MongoDB keeps for itself.`,
  );
}
