import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Outbox } from './outbox.mjs';

/**
 * What the outbox claims to do. It has no leases: one relay is meant to run, so that is what it says.
 *
 * @type {import('@outrelay/core').StoreCapabilities}
 */
const capabilities = {
  append: 'sync',
  durability: 'durable',
  leaseScope: 'store',
  duplicateIds: 'ignored',
  ordering: 'key',
  polyglot: 'none',
  savepoints: 'none',
  limits: { maxPayloadBytes: 2_000_000, maxHeadersBytes: 100_000, maxMessagesPerAppend: 1_000 },
};

/**
 * The outbox behind the verbs of a store: what it has no answer to, it does not answer.
 *
 * @param {string} file
 * @returns {import('@outrelay/core').OutboxStore<import('better-sqlite3').Database, 'sync'>}
 */
function asStore(file) {
  const db = new Database(file);
  const outbox = new Outbox(db);
  return {
    spec: 1,
    name: 'naive',
    capabilities,
    append(tx, messages) {
      const inTransaction = new Outbox(/** @type {import('better-sqlite3').Database} */ (tx));
      for (const message of messages) inTransaction.add(message);
      return { duplicates: [] };
    },
    claim: async ({ token }) => (outbox.next(1).length === 0 ? null : { token, state: null }),
    read: async (_lease, { messages }) =>
      outbox.next(messages).map(({ headers, created_at: createdAt, attempts, ...row }) => ({
        ...row,
        headers: JSON.parse(headers),
        contentType: 'application/json',
        createdAt: new Date(createdAt),
        deduplicationId: row.id,
        attempt: attempts + 1,
        undecodable: null,
        ref: null,
      })),
    async settle(_lease, { accepted, retry, dead, returned }) {
      for (const { id } of accepted) outbox.sent(id);
      for (const { message } of retry) outbox.failed(message.id);
      for (const { message } of dead) outbox.sent(message.id);
      const settled = accepted.length + retry.length + dead.length + returned.length;
      return { settled, alreadySettled: [], lost: [], unknown: [], wanted: false };
    },
    renew: async (lease) => ({ lease, wanted: false }),
    release: async () => {},
    close: async () => void db.close(),
  };
}

/** @type {import('@outrelay/conformance').StoreHarness} */
export const harness = {
  kind: 'store',
  name: 'a naive outbox',
  capabilities,
  facets: [],
  manyRows: 500,
  waits: { clauseMs: 5_000 },
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'naive-outbox-'));
    const file = join(folder, 'app.db');
    const application = new Database(file);
    application.pragma('journal_mode = WAL');
    Outbox.create(application);
    let before = Promise.resolve();
    return {
      connect: () => asStore(file),
      async begin() {
        const turn = before;
        /** @type {() => void} */
        let free = () => {};
        before = new Promise((resolve) => {
          free = resolve;
        });
        await turn;
        application.exec('BEGIN IMMEDIATE');
        /** @param {'COMMIT' | 'ROLLBACK'} verb */
        const end = (verb) => {
          if (application.inTransaction) application.exec(verb);
          free();
          return Promise.resolve();
        };
        return { handle: application, commit: () => end('COMMIT'), rollback: () => end('ROLLBACK') };
      },
      rootHandle: () => application,
      async elapse(ms) {
        application.prepare('UPDATE outbox SET created_at = created_at - ?').run(ms);
      },
      async remove() {
        application.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
