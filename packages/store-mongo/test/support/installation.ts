import type { ApplicationTransaction, StoreInstallation } from '@outrelay/conformance';
import type { OutboxStore, SchemaFacet } from '@outrelay/core';
import { collectionsOf } from '../../src/collections.ts';
import { isTransient } from '../../src/errors.ts';
import { type MongoClientLike, type MongoDatabase, type MongoSession, mongoStore } from '../../src/index.ts';
import type { TestedDriver } from './drivers.ts';
import { Gate } from './gate.ts';
import type { TestServer } from './server.ts';
import { ACCOUNTS, type SpareDatabases } from './spare-databases.ts';

/** Retentions of the stores of an installation, in milliseconds. */
export const RETENTION = { historyMs: 60_000, receiptMs: 120_000 } as const;

/** What the installations of one database have in common. */
export interface InstallationSettings {
  readonly driver: TestedDriver;
  readonly server: TestServer;
  readonly spares: SpareDatabases;
  readonly database: string;
  readonly prefix: string;
  /** Whether the database goes back to the spare ones, is this installation's alone, or another one's. */
  readonly place: 'spare' | 'own' | 'foreign';
}

/** One outbox in a database, and the application beside it, for the conformance suite. */
export class MongoInstallation implements StoreInstallation {
  readonly settings: InstallationSettings;
  readonly gate: Gate = new Gate();
  /** The client of the application. */
  readonly client: MongoClientLike;
  readonly db: MongoDatabase;
  static readonly #begun = new WeakMap<object, MongoInstallation>();
  readonly #clients: MongoClientLike[] = [];
  #altered = false;

  constructor(settings: InstallationSettings) {
    this.settings = settings;
    this.client = settings.driver.open(settings.server.url);
    this.db = this.client.db(settings.database);
    this.#clients.push(this.client);
  }

  /** The installation whose application began the transaction of a session. */
  static of(session: object): MongoInstallation {
    const installation = MongoInstallation.#begun.get(session);
    if (installation === undefined) throw new TypeError('a session that no installation has begun');
    return installation;
  }

  /** The client is connected at once: what it keeps running is there before a clause looks at what keeps running. */
  async connect(): Promise<OutboxStore> {
    const { driver, server, database, prefix } = this.settings;
    const client = driver.open(server.proxiedUrl);
    this.#clients.push(client);
    await client.db('admin').command({ ping: 1 });
    const store = mongoStore({
      client: this.gate.client(client),
      database,
      ...(prefix === '' ? {} : { prefix }),
      historyRetentionMs: RETENTION.historyMs,
      receiptRetentionMs: RETENTION.receiptMs,
    });
    // The client is the harness's, which has no other use for it: it ends with the store.
    const gated = this.gate.around({
      ...store,
      schema: store.schema && this.#watched(store.schema),
      async close() {
        await store.close();
        await client.close();
      },
    });
    return server.hasChangeStreams ? gated : { ...gated, wakeups: undefined };
  }

  /** Remembers changes of the schema. */
  #watched(schema: SchemaFacet): SchemaFacet {
    const changing = <T>(change: () => Promise<T>): Promise<T> => {
      this.alter();
      return change();
    };
    return {
      ...schema,
      apply: () => changing(() => schema.apply()),
      remove: () => changing(() => schema.remove()),
    };
  }

  /** Records that the collections will not be as they were: the database cannot be used again. */
  alter(): void {
    this.#altered = true;
  }

  async begin(): Promise<ApplicationTransaction> {
    const handle = this.client.startSession();
    MongoInstallation.#begun.set(handle, this);
    handle.startTransaction();
    return {
      handle,
      commit: async () => {
        await handle.commitTransaction();
      },
      rollback: async () => {
        await handle.abortTransaction();
      },
    };
  }

  rootHandle(): unknown {
    return this.client;
  }

  async now(): Promise<Date> {
    const { localTime } = (await this.db.command({ hello: 1 })) as { localTime: Date };
    return localTime;
  }

  /** Takes a lock of the application's, as its business document would be: MongoDB refuses, so it is tried again. */
  async lock(session: MongoSession, name: string): Promise<void> {
    const accounts = this.db.collection(ACCOUNTS) as {
      updateOne(filter: object, update: object, options: object): Promise<unknown>;
    };
    for (;;) {
      try {
        await accounts.updateOne({ _id: name }, { $inc: { version: 1 } }, { session, upsert: true });
        return;
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
      await session.abortTransaction();
      session.startTransaction();
    }
  }

  /**
   * Moves all stored times back. What a lease has yielded carries its time of append already, so that one stays while
   * a lease is held.
   */
  async elapse(ms: number): Promise<void> {
    const names = collectionsOf(this.settings.prefix);
    const back = async (name: string, ...fields: string[]): Promise<void> => {
      const moved = fields.map((field) => [
        field,
        { $cond: [{ $eq: [{ $type: `$${field}` }, 'date'] }, { $subtract: [`$${field}`, ms] }, `$${field}`] },
      ]);
      await this.collection(name).updateMany({}, [{ $set: Object.fromEntries(moved) }]);
    };
    const isHeld = (await this.collection(names.partitions).findOne({ released: false })) !== null;
    await Promise.all([
      back(names.partitions, 'expires_at'),
      back(names.delayed, 'available_at', 'scheduled_at', ...(isHeld ? [] : ['created_at'])),
      back(names.chains, 'available_at'),
      ...(isHeld ? [] : [back(names.messages, 'created_at')]),
      back(names.wanted, 'since', 'until', 'quiet_until'),
      back(names.deadLetters, 'created_at', 'dead_at', 'resolved_at'),
      back(names.history, 'created_at', 'sent_at'),
      back(names.receipts, 'recorded_at'),
      back(names.attempts, 'charged_at'),
      back(names.parked, 'parked_at', 'available_at'),
    ]);
  }

  collection(name: string): {
    updateMany(filter: object, update: object[] | object): Promise<unknown>;
    findOne(filter: object): Promise<unknown>;
    insertOne(document: object): Promise<unknown>;
    dropIndex(name: string): Promise<unknown>;
  } {
    return this.db.collection(name) as ReturnType<MongoInstallation['collection']>;
  }

  async remove(): Promise<void> {
    const { spares, database, place } = this.settings;
    // First, so that no transaction of theirs is open any more.
    await Promise.all(this.#clients.map((client) => client.close()));
    if (place === 'spare' && !this.#altered) await spares.giveBack(database);
    else if (place !== 'foreign') await spares.drop(database);
  }
}
