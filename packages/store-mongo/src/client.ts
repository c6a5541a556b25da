/** A document as it is sent and received. */
export type MongoDocument = Record<string, unknown>;

/** The part of a cursor that the store uses. */
export interface MongoCursor extends AsyncIterable<unknown> {
  toArray(): Promise<unknown[]>;
  close(): Promise<unknown>;
}

/** The part of a change stream that the store uses. */
export interface MongoChangeStream {
  tryNext(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The part of a collection that the store uses. */
export interface MongoCollection {
  find(filter: object, options?: object): MongoCursor;
  findOne(filter: object, options?: object): Promise<unknown>;
  aggregate(pipeline: object[], options?: object): MongoCursor;
  distinct(field: string, filter: object, options?: object): Promise<unknown[]>;
  insertOne(document: object, options?: object): Promise<unknown>;
  insertMany(documents: object[], options?: object): Promise<unknown>;
  updateOne(
    filter: object,
    update: object,
    options?: object,
  ): Promise<{
    readonly matchedCount: number;
    readonly modifiedCount: number;
    readonly upsertedCount: number;
  }>;
  updateMany(filter: object, update: object, options?: object): Promise<{ readonly matchedCount: number }>;
  deleteMany(filter: object, options?: object): Promise<{ readonly deletedCount: number }>;
  findOneAndUpdate(filter: object, update: object, options?: object): Promise<unknown>;
  bulkWrite(operations: object[], options?: object): Promise<unknown>;
}

/** The part of a database that the store uses. */
export interface MongoDatabase {
  collection(name: string, options?: object): unknown;
  command(command: object, options?: object): Promise<unknown>;
  listCollections(filter?: object, options?: object): MongoCursor;
  watch(pipeline?: object[], options?: object): MongoChangeStream;
}

/**
 * The part of a session that the store uses. A `ClientSession` of mongodb 6 and 7 fits, and so does the one that
 * mongoose hands out.
 */
export interface MongoSession {
  readonly hasEnded: boolean;
  inTransaction(): boolean;
  startTransaction(options?: object): void;
  commitTransaction(options?: object): Promise<unknown>;
  abortTransaction(options?: object): Promise<unknown>;
  endSession(options?: object): Promise<unknown>;
}

/**
 * The part of a client that the store uses. A `MongoClient` of mongodb 6 or 7 fits. Clients are recognised by what they
 * can do, never by their class, so several copies of the driver are no matter.
 */
export interface MongoClientLike {
  db(name?: string, options?: object): MongoDatabase;
  startSession(options?: object): MongoSession;
  close(): Promise<unknown>;
}

const has = (value: unknown, ...methods: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

/** Whether the value has the shape of a client. */
export function isClient(value: unknown): value is MongoClientLike {
  return has(value, 'db', 'startSession');
}

/** Whether the value has the shape of a session. */
export function isSession(value: unknown): value is MongoSession {
  return has(value, 'inTransaction', 'commitTransaction', 'endSession');
}

/** The client that a session was started on; drivers refuse to use it with another one. */
export function clientOf(session: MongoSession): MongoClientLike | null {
  const { client } = session as { client?: unknown };
  return isClient(client) ? client : null;
}

/**
 * How documents are read and written, whatever the client is set to: majority, with the journal, from the primary, and
 * numbers as numbers. Inside a transaction the driver takes the concerns from the transaction.
 */
export const COLLECTION_OPTIONS = {
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', j: true },
  readPreference: 'primary',
  promoteValues: true,
  promoteLongs: true,
  promoteBuffers: true,
  useBigInt64: false,
  ignoreUndefined: false,
  serializeFunctions: false,
  raw: false,
} as const;

/** How the store's own transactions run: on one snapshot, from the primary, to the majority's journals. */
export const TRANSACTION_OPTIONS = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', j: true },
  readPreference: 'primary',
} as const;
