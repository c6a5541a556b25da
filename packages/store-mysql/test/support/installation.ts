import type { StoreInstallation } from '@outrelay/conformance';
import type { OutboxStore } from '@outrelay/core';
import type { Knex } from 'knex';
import { type MysqlStoreOptions, mysqlStore } from '../../src/index.ts';
import { tablesOf } from '../../src/tables.ts';
import {
  type Application,
  applicationOf,
  type Form,
  type MysqlTransaction,
  openKnex,
} from './applications.ts';
import type { Place } from './place.ts';
import { Proxy } from './proxy.ts';

/** Retentions of the stores of an installation, in milliseconds. */
export const RETENTION = { historyMs: 60_000, receiptMs: 120_000 } as const;

/** One outbox in a database, and the application beside it, for the conformance suite. */
export class MysqlInstallation implements StoreInstallation {
  readonly place: Place;
  readonly proxy: Proxy;
  readonly prefix: string;
  readonly #form: Form;
  readonly #application: Application;
  readonly #knexes: Knex[] = [];

  private constructor(place: Place, proxy: Proxy, form: Form, prefix: string) {
    this.place = place;
    this.proxy = proxy;
    this.prefix = prefix;
    this.#form = form;
    this.#application = applicationOf(form, place);
  }

  static async make(place: Place, form: Form, prefix = ''): Promise<MysqlInstallation> {
    const proxy = new Proxy(place.server);
    await proxy.listen();
    return new MysqlInstallation(place, proxy, form, prefix);
  }

  connect(): OutboxStore {
    return mysqlStore({
      ...this.#source(),
      ...(this.prefix === '' ? {} : { prefix: this.prefix }),
      historyRetentionMs: RETENTION.historyMs,
      receiptRetentionMs: RETENTION.receiptMs,
    });
  }

  #source(): Pick<MysqlStoreOptions, 'connection' | 'knex'> {
    const connection = { ...this.place.connection, host: '127.0.0.1', port: this.proxy.port };
    if (this.#form !== 'knex') return { connection };
    const knex = openKnex(connection);
    this.#knexes.push(knex);
    return { knex };
  }

  /** Another installation in the same database. */
  async beside(prefix: string): Promise<MysqlInstallation> {
    await this.place.install(prefix);
    this.place.spoilt = true;
    return MysqlInstallation.make(this.place, this.#form, prefix);
  }

  begin(): Promise<MysqlTransaction> {
    return this.#application.begin();
  }

  rootHandle(): unknown {
    return this.#application.root();
  }

  /**
   * Moves all stored times back. What a lease has yielded carries its time of append already, so that one stays while a
   * lease is held.
   */
  async elapse(ms: number): Promise<void> {
    const { partitions, delayed, messages, deadLetters, history, receipts, attempts, parked } = tablesOf(
      this.place.database,
      this.prefix,
    );
    const back = (table: string, ...columns: string[]): string =>
      `UPDATE ${table} SET ${columns.map((column) => `${column} = ${column} - INTERVAL ${ms * 1_000} MICROSECOND`).join(', ')};`;
    const [row] = await this.place.rows(`SELECT MIN(released) AS free FROM ${partitions}`);
    const statements = [
      back(partitions, 'expires_at', 'wanted_at'),
      back(delayed, 'available_at', 'scheduled_at'),
      ...(row?.['free'] === 1 ? [back(delayed, 'created_at'), back(messages, 'created_at')] : []),
      back(deadLetters, 'created_at', 'dead_at', 'resolved_at'),
      back(history, 'created_at', 'sent_at'),
      back(receipts, 'recorded_at'),
      back(attempts, 'charged_at'),
      back(parked, 'parked_at', 'available_at'),
    ];
    await this.place.run(
      `SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION; ${statements.join('')} COMMIT`,
    );
  }

  async now(): Promise<Date> {
    const [row] = await this.place.rows('SELECT CAST(UTC_TIMESTAMP(3) AS CHAR) AS now');
    return new Date(`${String(row?.['now']).replace(' ', 'T')}Z`);
  }

  /** Closes what the application opened; the database goes on. */
  async leave(): Promise<void> {
    await this.#application.close();
    await Promise.all(this.#knexes.map((knex) => knex.destroy()));
    await this.proxy.close();
  }

  async remove(): Promise<void> {
    await this.leave();
  }
}
