import { appender } from './append.mjs';
import { dueRows, reader, topicsOf } from './read.mjs';
import { tables } from './schema.mjs';
import { settler } from './settle.mjs';

/**
 * What this store observably does; the suite holds it to every word.
 *
 * @type {import('@outrelay/core').StoreCapabilities}
 */
export const capabilities = {
  append: 'async',
  durability: 'durable',
  leaseScope: 'store',
  duplicateIds: 'ignored',
  ordering: 'key',
  polyglot: 'insert',
  savepoints: 'supported',
  limits: { maxPayloadBytes: 64 * 1_048_576, maxHeadersBytes: 1_048_576, maxMessagesPerAppend: 1_000 },
};

/** Creates the tables where they are not there yet. */
export { tables };

/**
 * A store on PGlite. One lease covers everything (`leaseScope: 'store'`): one relay works, the others stand by.
 *
 * @param {import('@electric-sql/pglite').PGlite} db stays open when the store is closed: it is the caller's
 * @param {string} schema where the tables are
 * @returns {import('@outrelay/core').OutboxStore<
 *   import('@electric-sql/pglite').Transaction, 'async', import('@electric-sql/pglite').PGlite>}
 */
export function pgliteStore(db, schema = 'outbox') {
  const read = reader(schema);
  const settle = settler(schema);
  const lease = `${schema}.lease`;
  const due = dueRows(schema);

  return {
    spec: 1,
    name: 'pglite',
    capabilities,
    append: appender(schema),

    claim: ({ token, relay, leaseMs, topics }) =>
      db.transaction(async (tx) => {
        const { rows } = await tx.query(
          `SELECT released, expires_at > clock_timestamp() AS live FROM ${lease} FOR UPDATE`,
        );
        const { released, live } = /** @type {{ released: boolean, live: boolean }} */ (rows[0]);
        if (live && !released) return null;
        const wanted = await topicsOf(tx, schema, topics);
        const { rows: found } = await tx.query(`SELECT EXISTS (${due}) AS any`, [wanted]);
        if (!(/** @type {{ any: boolean }} */ (found[0]).any)) return null;
        if (!released) {
          // Its holder is gone without a word. What it had read is handed out alone from now on (S5.8).
          await tx.query(
            `UPDATE ${schema}.messages SET suspect = true WHERE NOT blocks AND position <= (SELECT read_up_to FROM ${lease})`,
          );
        }
        await tx.query(
          `UPDATE ${lease} SET token = $1, relay = $2, released = false, read_up_to = 0, expires_at = clock_timestamp() + $3 * interval '1 millisecond'`,
          [token, relay, leaseMs],
        );
        return { token, state: null };
      }),

    read: (held, request) => db.transaction((tx) => read(tx, held, request)),
    settle: (held, settlements) => db.transaction((tx) => settle(tx, held, settlements)),

    async renew(held, leaseMs) {
      const { affectedRows } = await db.query(
        `UPDATE ${lease} SET expires_at = clock_timestamp() + $2 * interval '1 millisecond' WHERE token = $1 AND NOT released`,
        [held.token, leaseMs],
      );
      return affectedRows === 1 ? { lease: held, wanted: false } : null;
    },

    // By token, whoever holds it now, and as often as anybody likes (S5.5, S5.6).
    async release(token) {
      await db.query(`UPDATE ${lease} SET released = true WHERE token = $1`, [token]);
    },

    async close() {},
  };
}
