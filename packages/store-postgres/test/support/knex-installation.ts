import { randomUUID } from 'node:crypto';
import type { ApplicationTransaction } from '@outrelay/conformance';
import type { OutboxStore } from '@outrelay/core';
import knex, { type Knex } from 'knex';
import { postgresStore } from '../../src/index.ts';
import { PostgresInstallation } from './installation.ts';

/** An installation whose application, and whose stores, use knex. */
export class KnexInstallation extends PostgresInstallation {
  readonly #opened: Knex[] = [];

  #open(connectionString: string, max: number): Knex {
    const opened = knex({
      client: 'pg',
      connection: { connectionString },
      pool: { min: 0, max },
      acquireConnectionTimeout: 10_000,
    });
    this.#opened.push(opened);
    return opened;
  }

  override connect(): OutboxStore {
    const own = this.#open(this.storeUrl, 4);
    const store = postgresStore({ knex: own, ...this.options });
    return {
      ...store,
      // The store leaves knex open; the application of the suite ends with its store.
      async close() {
        await store.close();
        await own.destroy();
      },
    };
  }

  override async begin(): Promise<ApplicationTransaction> {
    const handle = await this.#application().transaction();
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

  #shared: Knex | undefined;
  #application(): Knex {
    this.#shared ??= this.#open(this.settings.database.url, 20);
    return this.#shared;
  }

  override rootHandle(): unknown {
    return this.#application();
  }

  override async remove(): Promise<void> {
    await Promise.all(this.#opened.map((opened) => opened.destroy()));
    await super.remove();
  }
}
