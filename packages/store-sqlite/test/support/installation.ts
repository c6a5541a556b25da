import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApplicationTransaction, StoreInstallation } from '@outrelay/conformance';
import type { OutboxStore } from '@outrelay/core';
import { inTransaction, type SqliteDatabase, type SqliteDriver } from '../../src/client.ts';
import { isBusy } from '../../src/errors.ts';
import { sqliteStore } from '../../src/index.ts';
import { tablesOf } from '../../src/tables.ts';
import { openDatabase } from './drivers.ts';

/** Retentions of the stores of an installation, in milliseconds. */
export const RETENTION = { historyMs: 60_000, receiptMs: 120_000 } as const;

/** What the installations of one file have in common. */
export interface InstallationSettings {
  readonly driver: SqliteDriver;
  readonly file: string;
  readonly prefix: string;
}

/** One outbox in a file, and the application beside it, for the conformance suite. */
export class SqliteInstallation implements StoreInstallation {
  readonly settings: InstallationSettings;
  /** A handle of the application on which nothing is ever begun. */
  readonly idle: SqliteDatabase;
  readonly #opened: SqliteDatabase[] = [];
  #begun: SqliteDatabase | null = null;
  readonly #removal: () => void;

  constructor(settings: InstallationSettings, removal: () => void) {
    this.settings = settings;
    this.#removal = removal;
    this.idle = this.open();
  }

  connect(): OutboxStore {
    const { driver, file, prefix } = this.settings;
    return sqliteStore({
      driver,
      file,
      ...(prefix === '' ? {} : { prefix }),
      historyRetentionMs: RETENTION.historyMs,
      receiptRetentionMs: RETENTION.receiptMs,
    });
  }

  /** Opens a further handle, which `remove` closes. */
  open(): SqliteDatabase {
    const database = openDatabase(this.settings.driver, this.settings.file);
    this.#opened.push(database);
    return database;
  }

  async begin(): Promise<ApplicationTransaction> {
    const handle = this.open();
    await whenFree(() => handle.exec('BEGIN IMMEDIATE'));
    this.#begun = handle;
    return {
      handle,
      commit: async () => {
        handle.exec('COMMIT');
      },
      rollback: async () => {
        handle.exec('ROLLBACK');
      },
      savepoint: async () => {
        const name = `"${randomUUID()}"`;
        handle.exec(`SAVEPOINT ${name}`);
        return async () => {
          handle.exec(`ROLLBACK TO ${name}`);
        };
      },
    };
  }

  /** Changes the schema: in the transaction that is open, which keeps all others out, or else in one of its own. */
  async define(sql: string): Promise<void> {
    (this.#begun !== null && inTransaction(this.#begun) ? this.#begun : this.idle).exec(sql);
  }

  rootHandle(): unknown {
    return this.idle;
  }

  /**
   * Moves all stored times back. What a lease has yielded carries its time of append already, so that one stays while
   * a lease is held.
   */
  async elapse(ms: number): Promise<void> {
    const { partitions, delayed, messages, deadLetters, history, receipts, attempts, parked } = tablesOf(
      this.settings.prefix,
    );
    const back = (table: string, ...columns: string[]): string =>
      `UPDATE ${table} SET ${columns.map((column) => `${column} = ${column} - ${ms}`).join(', ')};`;
    const { free } = this.idle.prepare(`SELECT released = 1 AS free FROM ${partitions}`).get() as {
      free: number;
    };
    const statements = [
      back(partitions, 'expires_at'),
      back(delayed, 'available_at', 'scheduled_at'),
      ...(free === 1 ? [back(delayed, 'created_at'), back(messages, 'created_at')] : []),
      back(deadLetters, 'created_at', 'dead_at', 'resolved_at'),
      back(history, 'created_at', 'sent_at'),
      back(receipts, 'recorded_at'),
      back(attempts, 'charged_at'),
      back(parked, 'parked_at', 'available_at'),
    ].join('');
    await whenFree(() => this.idle.exec(`BEGIN IMMEDIATE; ${statements} COMMIT`));
  }

  /** Runs SQL in a transaction of its own. */
  async run(sql: string, ...parameters: (string | number | null)[]): Promise<void> {
    await whenFree(() => this.idle.prepare(sql).run(...parameters));
  }

  async remove(): Promise<void> {
    for (const database of this.#opened) database.close();
    this.#removal();
  }
}

/** Does something as soon as no other connection holds the write lock. */
async function whenFree<T>(work: () => T): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      await sleep(2);
    }
  }
}
