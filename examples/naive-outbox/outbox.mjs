/**
 * An outbox as many applications have it: a table, a flag, and a loop elsewhere that calls `next` and `sent`.
 *
 * It works in every demonstration.
 */
export class Outbox {
  #add;
  #next;
  #sent;
  #failed;

  /** @param {import('better-sqlite3').Database} db */
  static create(db) {
    db.exec(`CREATE TABLE IF NOT EXISTS outbox (
      id TEXT PRIMARY KEY, topic TEXT NOT NULL, key TEXT, headers TEXT, payload TEXT,
      created_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000), attempts INTEGER NOT NULL DEFAULT 0,
      sent INTEGER NOT NULL DEFAULT 0)`);
  }

  /** @param {import('better-sqlite3').Database} db */
  constructor(db) {
    this.#add = db.prepare('INSERT INTO outbox (id, topic, key, headers, payload) VALUES (?, ?, ?, ?, ?)');
    this.#next = db.prepare('SELECT * FROM outbox WHERE sent = 0 ORDER BY created_at LIMIT ?');
    this.#sent = db.prepare('UPDATE outbox SET sent = 1 WHERE id = ?');
    this.#failed = db.prepare('UPDATE outbox SET attempts = attempts + 1 WHERE id = ?');
  }

  /** @param {{ id: string, topic: string, key: string | null, headers: object, payload: string | Uint8Array | null }} message */
  add({ id, topic, key, headers, payload }) {
    this.#add.run(id, topic, key, JSON.stringify(headers), payload === null ? null : payload.toString());
  }

  /**
   * @param {number} limit
   * @returns {{ id: string, topic: string, key: string | null, headers: string, payload: string | null, created_at: number, attempts: number }[]}
   */
  next(limit) {
    return /** @type {ReturnType<Outbox['next']>} */ (this.#next.all(limit));
  }

  /** @param {string} id */
  sent(id) {
    this.#sent.run(id);
  }

  /** @param {string} id */
  failed(id) {
    this.#failed.run(id);
  }
}
