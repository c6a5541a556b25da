import { OutboxError } from '@outrelay/core';
import type { MongoClientLike, MongoDocument } from './client.ts';
import { Database } from './database.ts';
import { schemaMissing, schemaOutdated, standaloneServer } from './errors.ts';
import { LATEST_VERSION, OLDEST_VERSION } from './migrations/migrations.ts';
import type { MongoStoreSettings } from './options.ts';
import { ServerClock } from './server-clock.ts';

/** Where positions come from: an empty timestamp that the server fills at an insert, or a counter. */
type PositionSource =
  | { readonly kind: 'server'; readonly empty: () => unknown }
  | { readonly kind: 'counter' };

/** What is known of the collections, seen through one client. */
export interface Installation {
  readonly database: Database;
  readonly positions: PositionSource;
}

/** What the document of the newest version in `outrelay_schema` says. */
interface SchemaDocument {
  readonly version: number;
  readonly min_compatible: number;
  readonly installation: string;
  readonly probe: unknown;
  readonly now: Date;
}

/** Reads the newest version that is installed; `null` when none is. */
export async function installedVersion(database: Database): Promise<SchemaDocument | null> {
  const pipeline = [
    { $sort: { version: -1 } },
    { $limit: 1 },
    { $project: { version: 1, min_compatible: 1, installation: 1, probe: 1, now: '$$NOW' } },
  ];
  const [found] = await database.collection('schema').aggregate(pipeline).toArray();
  return (found as SchemaDocument | undefined) ?? null;
}

/** Whether this package works with a version. */
export function isCompatible({ version, min_compatible }: SchemaDocument): boolean {
  return version >= OLDEST_VERSION && min_compatible <= LATEST_VERSION;
}

/** Refuses a server without transactions. */
export async function assertTransactions(database: Database): Promise<void> {
  const hello = (await database.db.command({ hello: 1 })) as MongoDocument;
  if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') throw standaloneServer(database.place);
}

/**
 * The installation, as each client sees it: the store's own, and those that callers' sessions belong to. Each is looked
 * at once, before its first use and outside of any transaction.
 */
export class Installations {
  readonly own: Database;
  readonly clock: ServerClock = new ServerClock();
  readonly #settings: MongoStoreSettings;
  #known = new WeakMap<MongoClientLike, Promise<Installation>>();
  #name: string | null = null;

  constructor(settings: MongoStoreSettings) {
    this.#settings = settings;
    this.own = new Database(settings.client, settings);
  }

  /**
   * @throws OutboxError `TRANSACTION_FOREIGN` for a client that reaches another installation than the store's own
   */
  get(client: MongoClientLike = this.own.client): Promise<Installation> {
    const known = this.#known.get(client);
    if (known !== undefined) return known;
    const found = this.#look(client);
    this.#known.set(client, found);
    // What failed is looked for again by the next call.
    found.catch(() => this.#known.delete(client));
    return found;
  }

  /** Forgets everything, because the collections were made or removed. */
  forget(): void {
    this.#known = new WeakMap();
    this.#name = null;
  }

  async #look(client: MongoClientLike): Promise<Installation> {
    const isOwn = client === this.own.client;
    if (!isOwn) await this.get();
    const database = isOwn ? this.own : new Database(client, this.#settings);
    await assertTransactions(database);
    const found = await installedVersion(database);
    if (!isOwn && found?.installation !== this.#name) throw foreign(database.place);
    if (found === null) throw schemaMissing(database.place);
    if (!isCompatible(found)) throw schemaOutdated(database.place, versionText(found));
    if (isOwn) this.#name = found.installation;
    this.clock.observe(found.now);
    return { database, positions: sourceOf(found.probe) };
  }
}

/**
 * The probe is an empty timestamp that was inserted when the collections were made. Its class is that of the driver
 * which read it, so no copy of the driver ever gets a value of another one.
 */
function sourceOf(probe: unknown): PositionSource {
  const timestamp = probe as { toBigInt(): bigint; constructor: new (value: object) => unknown };
  if (timestamp.toBigInt() === 0n) return { kind: 'counter' };
  const Timestamp = timestamp.constructor;
  return { kind: 'server', empty: () => new Timestamp({ t: 0, i: 0 }) };
}

function versionText({ version }: SchemaDocument): string {
  return version > LATEST_VERSION
    ? `they are of version ${version}, and this package knows versions up to ${LATEST_VERSION}. Upgrade @outrelay/store-mongo`
    : `they are of version ${version}, and this package needs ${OLDEST_VERSION} at least. Run \`outrelay migrate apply\``;
}

function foreign(place: string): OutboxError {
  return new OutboxError(
    'TRANSACTION_FOREIGN',
    `The session belongs to a client that does not reach the outbox of this store in ${place}. Start it on the client that the store was given, or on one of the same cluster.`,
  );
}
