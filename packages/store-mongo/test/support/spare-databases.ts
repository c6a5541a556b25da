import { randomBytes } from 'node:crypto';
import { collectionsOf } from '../../src/collections.ts';
import { type MongoClientLike, type MongoDatabase, mongoStore } from '../../src/index.ts';
import type { TestedDriver } from './drivers.ts';
import type { TestServer } from './server.ts';

/** What the driver offers beyond what a store needs. */
type FullDatabase = MongoDatabase & { dropDatabase(): Promise<unknown> };
interface FullCollection {
  find(filter: object): { toArray(): Promise<object[]> };
  deleteMany(filter: object): Promise<unknown>;
  insertMany(documents: readonly object[]): Promise<unknown>;
}

/** The application's own collection, made before any transaction uses it. */
export const ACCOUNTS = 'accounts';
const NAMES = collectionsOf('');
/** Collections that are not empty when the schema has been applied. */
const SEEDED = [NAMES.partitions, NAMES.positions];

/**
 * Databases with the collections of an outbox and nothing in them. A clause gets one that another has used, emptied:
 * to make 13 collections with their indexes takes DocumentDB longer than most clauses.
 */
export class SpareDatabases {
  readonly #driver: TestedDriver;
  readonly #server: TestServer;
  readonly #free: string[] = [];
  readonly #seeds = new Map<string, readonly object[]>();
  #client: MongoClientLike | null = null;

  constructor(driver: TestedDriver, server: TestServer) {
    this.#driver = driver;
    this.#server = server;
  }

  /** The name of a database with an outbox in it, as {@link mongoStore}'s schema makes it. */
  async take(): Promise<string> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const database = newName();
    const db = this.#database(database);
    await db.command({ create: ACCOUNTS });
    const store = mongoStore({ client: this.#connected(), database });
    await store.schema?.apply();
    await store.close();
    for (const name of SEEDED) this.#seeds.set(name, await collectionIn(db, name).find({}).toArray());
    return database;
  }

  /** Takes back a database whose collections are as they were; what is in them goes. */
  async giveBack(database: string): Promise<void> {
    const db = this.#database(database);
    const used = [...NAMES.names.filter((name) => name !== NAMES.schema), ACCOUNTS];
    await Promise.all(
      used.map(async (name) => {
        await collectionIn(db, name).deleteMany({});
        const seed = this.#seeds.get(name);
        if (seed !== undefined) await collectionIn(db, name).insertMany(seed);
      }),
    );
    this.#free.push(database);
  }

  async drop(database: string): Promise<void> {
    await this.#database(database).dropDatabase();
  }

  /** Drops what is free, and closes the connection. */
  async close(): Promise<void> {
    for (const database of this.#free.splice(0)) await this.drop(database);
    await this.#client?.close();
    this.#client = null;
  }

  #database(name: string): FullDatabase {
    return this.#connected().db(name) as FullDatabase;
  }

  #connected(): MongoClientLike {
    this.#client ??= this.#driver.open(this.#server.url);
    return this.#client;
  }
}

/** A name for a database that nobody else uses. */
export function newName(): string {
  return `outrelay_${randomBytes(6).toString('hex')}`;
}

function collectionIn(db: MongoDatabase, name: string): FullCollection {
  return db.collection(name) as FullCollection;
}
