import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * @typedef {object} Entry a message as the server keeps it; the body in base64
 * @property {string} id
 * @property {string} topic
 * @property {string | null} key
 * @property {Record<string, string>} headers
 * @property {string} contentType
 * @property {string | null} body
 */

/**
 * A log server: takes entries as lines of JSON over TCP, each with a number of its connection, and answers each with a
 * line that has the same number and says `ok`, `refused` (for good) or `busy` (not this time).
 *
 * It stands for whatever you have. Its faults are what a harness needs of a server in a test.
 */
export class LogServer {
  /** @type {Entry[]} */
  log = [];
  /**
   * What is done with the entry of an id instead of taking it.
   *
   * @type {Map<string, (entry: Entry, answer: (line: object) => void, socket: import('node:net').Socket) => void>}
   */
  treatments = new Map();
  /** Topics that nobody has made. */
  missing = new Set(['missing']);
  port = 0;
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  /** @type {Set<import('node:net').Socket>} */
  #deaf = new Set();
  /** @type {import('node:net').Server | null} */
  #server = null;

  async start() {
    const server = createServer((socket) => this.#serve(socket));
    await new Promise((resolve) => server.listen(this.port, '127.0.0.1', () => resolve(null)));
    this.port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
    this.#server = server;
  }

  async stop() {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(() => resolve(null)));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Hears nothing more on the connections that are open now, and does not end them. */
  freeze() {
    for (const socket of this.#sockets) this.#deaf.add(socket);
  }

  /** @param {import('node:net').Socket} socket */
  #serve(socket) {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
    const lines = createInterface({ input: socket }).on('error', () => {});
    lines.on('line', (line) => {
      if (this.#deaf.has(socket)) return;
      const { number, entry } = JSON.parse(line);
      /** @param {object} said */
      const answer = (said) => void socket.write(`${JSON.stringify({ number, ...said })}\n`);
      const treatment = this.treatments.get(entry.id);
      if (treatment !== undefined) return treatment(entry, answer, socket);
      if (this.missing.has(entry.topic)) return answer({ refused: 'there is no such topic' });
      this.log.push(entry);
      return answer({ ok: true });
    });
  }
}
