import { randomUUID } from 'node:crypto';
import type { ApplicationTransaction, StoreInstallation } from '@outrelay/conformance';
import type { OutboxStore } from '@outrelay/core';
import { Pool, type QueryResult, type QueryResultRow } from 'pg';
import { type PostgresStoreOptions, postgresStore } from '../../src/index.ts';
import { type Tables, tablesOf } from '../../src/tables.ts';
import { ADMIN_NAME, type TestDatabase, urlOf } from './database.ts';
import type { SpareSchemas } from './spare-schemas.ts';

/** Retentions of the stores of an installation, in milliseconds. */
const RETENTION = { historyMs: 60_000, receiptMs: 120_000 } as const;

/** By this name the connections of an installation's application are known to the server. */
const APPLICATION_NAME = 'application';

/** What tells one installation from another. */
export interface InstallationSettings {
  readonly database: TestDatabase;
  readonly schema: string;
  readonly prefix: string;
  readonly options: Pick<PostgresStoreOptions, 'wakeups'>;
  /** Where stores connect to, when it is not the database itself. */
  readonly storeUrl?: string | undefined;
  /** Who takes the schema back, if it is still as it was. Default: nobody. */
  readonly spares?: SpareSchemas | undefined;
}

/** One outbox in a database, and the application beside it, for the conformance suite. */
export class PostgresInstallation implements StoreInstallation {
  readonly settings: InstallationSettings;
  readonly tables: Tables;
  /** By this name the connections of the installation's stores are known to the server. */
  readonly name: string = `store ${randomUUID()}`;
  readonly #application: Pool;

  constructor(settings: InstallationSettings) {
    this.settings = settings;
    this.tables = tablesOf(settings.schema, settings.prefix);
    this.#application = new Pool({
      connectionString: settings.database.url,
      max: 20,
      application_name: APPLICATION_NAME,
    });
    this.#application.on('error', () => {});
  }

  /** Wake-ups go past a pooler, under the name of the installation's connections. */
  get #wakeupUrl(): string {
    const { url } = this.settings.database;
    return urlOf(url, new URL(url).pathname.slice(1), { application_name: this.name });
  }

  /** Options of a store on this installation, but for where it connects to. */
  protected get options(): Omit<PostgresStoreOptions, 'url' | 'pool' | 'knex'> {
    const { schema, prefix, options, storeUrl } = this.settings;
    return {
      schema,
      ...(prefix === '' ? {} : { prefix }),
      historyRetentionMs: RETENTION.historyMs,
      receiptRetentionMs: RETENTION.receiptMs,
      ...options,
      ...(storeUrl === undefined ? {} : { wakeupUrl: this.#wakeupUrl }),
    };
  }

  /** Where stores connect to, with a name by which their connections can be found. */
  get storeUrl(): string {
    const { database, storeUrl } = this.settings;
    const url = new URL(storeUrl ?? database.url);
    return urlOf(url.href, url.pathname.slice(1), { application_name: this.name });
  }

  connect(): OutboxStore {
    return postgresStore({ url: this.storeUrl, maxConnections: 4, ...this.options });
  }

  async begin(): Promise<ApplicationTransaction> {
    const handle = await this.#application.connect();
    handle.on('error', ignore);
    await handle.query('BEGIN');
    const end = async (sql: string): Promise<void> => {
      await handle.query(sql);
      handle.removeListener('error', ignore);
      handle.release();
    };
    return {
      handle,
      commit: () => end('COMMIT'),
      rollback: () => end('ROLLBACK'),
      savepoint: async () => {
        const name = `"${randomUUID()}"`;
        await handle.query(`SAVEPOINT ${name}`);
        return async () => {
          await handle.query(`ROLLBACK TO ${name}`);
        };
      },
    };
  }

  rootHandle(): unknown {
    return this.#application;
  }

  async now(): Promise<Date> {
    const { rows } = await this.run<{ now: number }>(
      "SELECT date_part('epoch', clock_timestamp()) * 1000 AS now",
    );
    return new Date(rows[0]?.now ?? 0);
  }

  /**
   * Moves all stored times back. What a lease has yielded carries its time of append already, so that one stays while
   * a lease is held.
   */
  async elapse(ms: number): Promise<void> {
    const { partitions, leases, delayed, messages, deadLetters, history, receipts, attempts, parked } =
      this.tables;
    const back = (table: string, ...columns: string[]): string =>
      `UPDATE ${table} SET ${columns.map((column) => `${column} = ${column} - interval '${ms} milliseconds'`).join(', ')};`;
    const { rows } = await this.run<{ held: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM ${partitions} WHERE NOT released) AS held`,
    );
    const free = rows[0]?.held !== true;
    await this.run(
      [
        'BEGIN;',
        back(leases, 'expires_at', 'wanted_at'),
        back(partitions, 'served_at', 'reserved_until'),
        back(delayed, 'available_at', 'scheduled_at'),
        ...(free ? [back(delayed, 'created_at'), back(messages, 'created_at')] : []),
        back(deadLetters, 'created_at', 'dead_at', 'resolved_at'),
        back(history, 'created_at', 'sent_at'),
        back(receipts, 'recorded_at'),
        back(attempts, 'charged_at'),
        back(parked, 'parked_at', 'available_at'),
        'COMMIT',
      ].join(' '),
    );
  }

  /** Runs SQL beside the application. */
  run<R extends QueryResultRow>(sql: string, values?: unknown[]): Promise<QueryResult<R>> {
    return this.settings.database.admin.query<R>(sql, values);
  }

  /**
   * What the connections of the installation's stores have in common, as a condition on `pg_stat_activity`. A pooler
   * keeps connections that bear the name of whoever used them last, or none, so behind it all count that are not the
   * test's; the clauses of one database run one after the other.
   */
  get storeConnections(): string {
    const names =
      this.settings.storeUrl === undefined
        ? `application_name = '${this.name}'`
        : `application_name NOT IN ('${ADMIN_NAME}', '${APPLICATION_NAME}')`;
    return `datname = '${new URL(this.settings.database.url).pathname.slice(1)}' AND ${names}`;
  }

  /** Cuts the connections of the installation's stores. */
  async killConnections(): Promise<void> {
    await this.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${this.storeConnections}`);
  }

  async remove(): Promise<void> {
    const { spares, schema } = this.settings;
    await this.#application.end();
    if ((await spares?.giveBack(schema)) === true) return;
    await this.run(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  }
}

function ignore(): void {}
