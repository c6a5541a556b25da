import { randomBytes, randomUUID } from 'node:crypto';
import type {
  ApplicationTransaction,
  StoreFacetName,
  StoreHarness,
  StoreInstallation,
} from '@outrelay/conformance';
import type { Application } from './application.ts';
import type { Library, Server, TestDatabase, TestedStore } from './library.ts';

const RETENTION = { historyMs: 60_000, receiptMs: 120_000 };

/** A library in use on a database. */
export interface OpenLibrary<Tx, Root> {
  readonly database: TestDatabase;
  readonly application: Application<Tx, Root>;
}

/**
 * Lets the conformance suite open its transactions with a library. All installations are in one database, since a
 * library is configured once.
 *
 * @param opened - answers with what was opened before the first clause
 */
export function libraryHarness<Tx, Root>(
  library: Library<Tx, Root>,
  server: Server,
  opened: () => OpenLibrary<Tx, Root>,
): StoreHarness {
  return {
    kind: 'store',
    name: library.name,
    capabilities: server.capabilities,
    facets: facetsOf(server.sample()),
    powers: { concurrentWriters: true, retention: RETENTION },
    async open({ schema }) {
      const installation = new LibraryInstallation(library, opened());
      if (schema === 'installed') await installation.store.schema.apply();
      return installation;
    },
  };
}

/** What the store offers; its own suite proves that this is what it declares. */
function facetsOf(store: TestedStore): readonly StoreFacetName[] {
  const isFacet = ([name, value]: [string, unknown]): boolean =>
    name !== 'capabilities' && typeof value === 'object' && value !== null;
  return Object.entries(store)
    .filter(isFacet)
    .map(([name]) => name as StoreFacetName);
}

/** One outbox in the database of a library. */
class LibraryInstallation<Tx, Root> implements StoreInstallation {
  /** For the schema; the stores that a clause connects are closed by the suite. */
  readonly store: TestedStore;
  readonly #library: Library<Tx, Root>;
  readonly #opened: OpenLibrary<Tx, Root>;
  readonly #name = `o_${randomBytes(4).toString('hex')}_`;

  constructor(library: Library<Tx, Root>, opened: OpenLibrary<Tx, Root>) {
    this.#library = library;
    this.#opened = opened;
    this.store = this.connect();
  }

  connect(): TestedStore {
    const { historyMs, receiptMs } = RETENTION;
    return this.#opened.database.store({
      name: this.#name,
      historyRetentionMs: historyMs,
      receiptRetentionMs: receiptMs,
    });
  }

  async begin(): Promise<ApplicationTransaction> {
    const { application } = this.#opened;
    const { handle: tx, commit, rollback } = await application.begin();
    return {
      handle: this.#library.handle(tx),
      commit,
      rollback,
      async savepoint() {
        const name = `s_${randomUUID().replaceAll('-', '')}`;
        await application.execute(tx, `SAVEPOINT ${name}`);
        return () => application.execute(tx, `ROLLBACK TO SAVEPOINT ${name}`);
      },
    };
  }

  rootHandle(): unknown {
    return this.#opened.database.root;
  }

  async remove(): Promise<void> {
    await this.store.schema.remove();
    await this.store.close();
  }
}
