import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApplicationTransaction } from '@outrelay/conformance';
import type { OutboxStore } from '@outrelay/core';
import knex, { type Knex } from 'knex';
import { isBusy } from '../../src/errors.ts';
import { knexSqliteStore } from '../../src/knex.ts';
import { RETENTION, SqliteInstallation } from './installation.ts';

/** Opens knex as an application would. It gives up on a lock at once, because nothing here may block. */
function openKnex(file: string): Knex {
  return knex({
    client: 'better-sqlite3',
    connection: { filename: file },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate(connection: { exec(sql: string): void }, done: (error: Error | null) => void) {
        connection.exec('PRAGMA busy_timeout = 0');
        done(null);
      },
    },
  });
}

/** An installation whose application uses knex. */
export class KnexInstallation extends SqliteInstallation {
  readonly #opened: Knex[] = [];
  #begun: Knex.Transaction | null = null;

  override connect(): OutboxStore {
    const { file, driver, prefix } = this.settings;
    return knexSqliteStore({
      file,
      driver,
      ...(prefix === '' ? {} : { prefix }),
      historyRetentionMs: RETENTION.historyMs,
      receiptRetentionMs: RETENTION.receiptMs,
      knex: this.openKnex(),
    });
  }

  /** Opens a further knex, which `remove` destroys. */
  openKnex(): Knex {
    const opened = openKnex(this.settings.file);
    this.#opened.push(opened);
    return opened;
  }

  override async begin(): Promise<ApplicationTransaction> {
    const handle = await this.#beginWriting(this.openKnex());
    this.#begun = handle;
    return {
      handle,
      commit: async () => {
        await handle.commit();
      },
      rollback: async () => {
        await handle.rollback();
      },
      savepoint: async () => {
        const name = `"${randomUUID()}"`;
        await handle.raw(`SAVEPOINT ${name}`);
        return async () => {
          await handle.raw(`ROLLBACK TO ${name}`);
        };
      },
    };
  }

  /** knex begins without IMMEDIATE; a first write takes the lock, which another transaction may hold. */
  async #beginWriting(opened: Knex): Promise<Knex.Transaction> {
    for (;;) {
      const transaction = await opened.transaction();
      try {
        await transaction.raw('PRAGMA main.user_version = 0');
        return transaction;
      } catch (error) {
        await transaction.rollback();
        if (!isBusy(error)) throw error;
        await sleep(2);
      }
    }
  }

  override async define(sql: string): Promise<void> {
    if (this.#begun === null || this.#begun.isCompleted()) await super.define(sql);
    else await this.#begun.raw(sql);
  }

  override rootHandle(): unknown {
    return this.openKnex();
  }

  override async remove(): Promise<void> {
    await Promise.all(this.#opened.map((opened) => opened.destroy()));
    await super.remove();
  }
}
