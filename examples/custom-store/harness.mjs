import { PGlite } from '@electric-sql/pglite';
import { capabilities, pgliteStore, tables } from './store.mjs';

/**
 * What the suite needs to know: how to make an empty outbox, how to reach it, and how the application opens a
 * transaction. Everything else is optional.
 *
 * @returns {import('@outrelay/conformance').StoreHarness<Installation>}
 */
export function harness() {
  // Starting a database takes a second; a schema for each clause takes none.
  const db = PGlite.create();
  let count = 0;
  return {
    kind: 'store',
    name: 'a store on PGlite',
    capabilities,
    facets: [],
    manyRows: 1_000,
    async open() {
      const schema = `outbox_${++count}`;
      await (await db).exec(tables(schema));
      return installation(await db, schema);
    },
    powers: {
      insertRaw: ({ db: database, schema }, { topic, key, payload }) =>
        done(
          database.query(`INSERT INTO ${schema}.messages (topic, message_key, payload) VALUES ($1, $2, $3)`, [
            topic,
            key,
            Buffer.from(payload),
          ]),
        ),
      corruptRow: ({ db: database, schema }, id) =>
        done(database.query(`UPDATE ${schema}.messages SET headers = 'no JSON' WHERE id = $1`, [id])),
    },
  };
}

/**
 * @typedef {import('@outrelay/conformance').StoreInstallation & { db: PGlite, schema: string }} Installation
 */

/**
 * @param {PGlite} db
 * @param {string} schema
 * @returns {Installation}
 */
function installation(db, schema) {
  return {
    db,
    schema,
    connect: () => pgliteStore(db, schema),
    begin: () => begin(db),
    rootHandle: () => db,
    // Nobody wants to wait for leases of thirty seconds, so what is stored becomes older instead.
    async elapse(ms) {
      const older = `- ${ms} * interval '1 millisecond'`;
      await db.exec(`
        UPDATE ${schema}.messages SET created_at = created_at ${older}, available_at = available_at ${older};
        UPDATE ${schema}.lease SET expires_at = expires_at ${older};
      `);
    },
    remove: () => done(db.exec(`DROP SCHEMA ${schema} CASCADE`)),
  };
}

/**
 * A transaction that a clause can end when it likes, made of the one that PGlite ends when a callback returns.
 *
 * @param {PGlite} db
 * @returns {Promise<import('@outrelay/conformance').ApplicationTransaction>}
 */
async function begin(db) {
  const [opened, ending] = [deferred(), deferred()];
  const ended = db.transaction(async (tx) => {
    opened.resolve(tx);
    if ((await ending.promise) === 'rollback') await tx.rollback();
  });
  const tx = /** @type {import('@electric-sql/pglite').Transaction} */ (await opened.promise);
  /** @param {'commit' | 'rollback'} how */
  const end = async (how) => {
    ending.resolve(how);
    await ended;
  };
  return {
    handle: tx,
    commit: () => end('commit'),
    rollback: () => end('rollback'),
    async savepoint() {
      await tx.exec('SAVEPOINT clause');
      return () => done(tx.exec('ROLLBACK TO SAVEPOINT clause'));
    },
  };
}

function deferred() {
  /** @type {(value: unknown) => void} */
  let resolve = () => {};
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** @param {Promise<unknown>} work */
async function done(work) {
  await work;
}
