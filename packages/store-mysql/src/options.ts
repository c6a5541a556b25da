import { describe, integer, type OptionCheck, oneOf, readOptions } from '@outrelay/core';
import { isKnexRoot, type KnexRoot, type KnexTransaction } from './knex-transaction.ts';
import { type Tables, tablesOf } from './tables.ts';

/** How the store's own connections are made: options of mysql2, of which these are the usual ones. */
export interface MysqlConnectionOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** The database that holds the outbox. */
  readonly database?: string | undefined;
  readonly socketPath?: string | undefined;
  readonly ssl?: string | object | undefined;
  /** Any other option of mysql2, for example `authPlugins`. */
  readonly [option: string]: unknown;
}

/** Options of `mysqlStore`; exactly one of `url`, `connection` and `knex` is given. */
export interface MysqlStoreOptions<Trx extends KnexTransaction = KnexTransaction> {
  /**
   * Where the database is, as in `mysql://user:password@host:3306/shop`. The store opens a small pool of its own at the
   * first use, and closes it; appends do not use it.
   */
  readonly url?: string | undefined;
  /** The same as options of mysql2, which have more to say. The `database` must be named. */
  readonly connection?: MysqlConnectionOptions | undefined;
  /**
   * The root of knex with the driver `mysql2`, whose connection settings the store uses for its own pool; an inbox opens
   * its transactions with it. The store never destroys it.
   */
  readonly knex?: KnexRoot<Trx> | undefined;
  /**
   * Put in front of the names of all tables, so that several installations share a database. Letters, digits and `_`,
   * at most 32. Default: nothing.
   */
  readonly prefix?: string | undefined;
  /**
   * How it is found out whether a transaction is open on a connection of mysql2, which does not know.
   *
   * - `'verify'`: MariaDB checks it in the statement that inserts; MySQL is asked before, which is one round trip.
   * - `'trust'`: not at all. An append outside a transaction is then written at once and stays when the business write
   *   fails. For those whose code can only append inside of one.
   *
   * Default: `'verify'`. Transactions of knex and the other libraries know it themselves.
   */
  readonly transactionCheck?: 'verify' | 'trust' | undefined;
  /**
   * What is kept of sent messages. `'summary'`: id, topic, key, times and attempts. `'full'`: payload and headers too.
   * `'none'`: nothing, which is the fastest. Default: `'summary'`.
   */
  readonly history?: 'summary' | 'full' | 'none' | undefined;
  /** Milliseconds that history is kept. Default: 86,400,000 (a day). */
  readonly historyRetentionMs?: number | undefined;
  /** Milliseconds that inbox receipts are kept. Default: 2,592,000,000 (30 days). */
  readonly receiptRetentionMs?: number | undefined;
  /** Connections of the store at the same time. Default: 8. A lane needs one or two. */
  readonly maxConnections?: number | undefined;
  /**
   * Milliseconds that a statement of the store waits for a row lock, in whole seconds. Conflicts are tried again a few
   * times before `STORE_CONFLICT`. Default: 5,000.
   */
  readonly lockTimeoutMs?: number | undefined;
  /**
   * Milliseconds after which a statement of the store that got no answer is given up, together with its connection.
   * Default: 30,000.
   */
  readonly statementTimeoutMs?: number | undefined;
}

/** Checked {@link MysqlStoreOptions}. */
export interface MysqlStoreSettings {
  readonly connection: MysqlConnectionOptions;
  readonly knex: KnexRoot | undefined;
  readonly prefix: string;
  readonly tables: Tables;
  readonly transactionCheck: 'verify' | 'trust';
  readonly history: 'summary' | 'full' | 'none';
  readonly historyRetentionMs: number;
  readonly receiptRetentionMs: number;
  readonly maxConnections: number;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

const DAY_MS = 86_400_000;
const retention = (days: number): OptionCheck<number> => integer(days * DAY_MS, 0, Number.MAX_SAFE_INTEGER);

/** Checks the options that every store of this package takes. */
export function readMysqlOptions<Trx extends KnexTransaction>(
  owner: string,
  options: MysqlStoreOptions<Trx>,
): MysqlStoreSettings {
  const { prefix, url, connection, knex, ...settings } = readOptions(owner, options, {
    url: checkUrl,
    connection: checkConnection,
    knex: checkKnex,
    prefix: checkPrefix,
    transactionCheck: oneOf<'verify' | 'trust'>('verify', ['verify', 'trust']),
    history: oneOf<'summary' | 'full' | 'none'>('summary', ['summary', 'full', 'none']),
    historyRetentionMs: retention(1),
    receiptRetentionMs: retention(30),
    maxConnections: integer(8, 1, 1_000),
    lockTimeoutMs: integer(5_000, 1_000, 600_000),
    statementTimeoutMs: integer(30_000, 1_000, 3_600_000),
  });
  const given = [url, connection, knex].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw new TypeError(
      `${owner} needs exactly one of the options "url", "connection" and "knex"; got ${given.length}.`,
    );
  }
  const source = url ?? connection ?? knexConnection(owner, knex as KnexRoot);
  return {
    ...settings,
    connection: source,
    knex,
    prefix,
    tables: tablesOf(databaseOf(owner, source), prefix),
  };
}

function databaseOf(owner: string, { database }: MysqlConnectionOptions): string {
  if (typeof database === 'string' && database !== '' && database.length <= 64) return database;
  throw new TypeError(
    `${owner} needs the name of the database that holds the outbox, as in mysql://host/shop or { database: 'shop' }.`,
  );
}

function checkConnection(value: unknown, name: string): MysqlConnectionOptions | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as MysqlConnectionOptions;
  throw new TypeError(`${name} must be an object of mysql2 options; got ${describe(value)}.`);
}

function checkKnex(value: unknown, name: string): KnexRoot | undefined {
  if (value === undefined || isKnexRoot(value)) return value;
  throw new TypeError(
    `${name} must be the root of knex with the driver "mysql2", from knex({ client: 'mysql2', … }); got ${describe(value)}.`,
  );
}

function knexConnection(owner: string, { client }: KnexRoot): MysqlConnectionOptions {
  const settings = client.connectionSettings;
  if (typeof settings === 'object' && settings !== null) return settings as MysqlConnectionOptions;
  throw new TypeError(
    `${owner} cannot use the connection settings of this knex, which are no object. Give the option "connection" instead.`,
  );
}

function checkUrl(value: unknown, name: string): MysqlConnectionOptions | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return connectionOf(value, name);
  throw new TypeError(`${name} must be a URL such as mysql://user:password@host:3306/shop.`);
}

/** Reads a URL without a query: what else mysql2 takes is given as an object. */
export function connectionOf(url: string, name: string): MysqlConnectionOptions {
  if (!/^(mysql|mariadb):\/\//i.test(url) || !URL.canParse(url)) {
    throw new TypeError(`${name} must be a URL such as mysql://user:password@host:3306/shop.`);
  }
  const { hostname, port, username, password, pathname, search, hash } = new URL(url);
  if (search !== '' || hash !== '') {
    throw new TypeError(
      `${name} must have no query: what else mysql2 takes goes into the option "connection".`,
    );
  }
  try {
    return {
      ...(hostname === '' ? {} : { host: decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1') }),
      ...(port === '' ? {} : { port: Number(port) }),
      ...(username === '' ? {} : { user: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      database: decodeURIComponent(pathname.slice(1)),
    };
  } catch {
    // The text of that error would quote the URL, which may hold a password.
    throw new TypeError(`${name} is not percent-encoded: a plain "%" is written "%25".`);
  }
}

/** Checks the option `prefix`. */
export function checkPrefix(value: unknown, name: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && /^\w{1,32}$/.test(value)) return value;
  throw new TypeError(`${name} must be 1 to 32 letters, digits or "_".`);
}
