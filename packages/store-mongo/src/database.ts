import {
  COLLECTION_OPTIONS,
  type MongoClientLike,
  type MongoCollection,
  type MongoDatabase,
} from './client.ts';
import type { Collections } from './collections.ts';
import type { MongoStoreSettings } from './options.ts';

/** Names a collection of the installation. */
export type CollectionName = Exclude<keyof Collections, 'names'>;

/** The collections of the installation, through one client. */
export class Database {
  readonly client: MongoClientLike;
  readonly db: MongoDatabase;
  readonly collections: Collections;
  /** Names the database in errors. */
  readonly place: string;
  readonly #opened = new Map<CollectionName, MongoCollection>();

  constructor(client: MongoClientLike, { database, collections }: MongoStoreSettings) {
    this.client = client;
    this.db = client.db(database);
    this.collections = collections;
    const { databaseName } = this.db as { databaseName?: unknown };
    this.place = `database "${typeof databaseName === 'string' ? databaseName : (database ?? '')}"`;
  }

  /** The collection, with the options of {@link COLLECTION_OPTIONS}. */
  collection(name: CollectionName): MongoCollection {
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const opened = this.db.collection(this.collections[name], COLLECTION_OPTIONS) as MongoCollection;
    this.#opened.set(name, opened);
    return opened;
  }
}
