import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * @typedef {{ ok?: true, refused?: string, busy?: string, waitMs?: number }} Answer
 */

/** The connection ended, or an answer did not come in time: what was sent may have arrived. */
class NoAnswer extends Error {}

/** One connection, and the answers that are waited for on it. */
export class Connection {
  /** @type {import('node:net').Socket} */
  #socket;
  /** @type {Map<number, { resolve: (answer: Answer) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  #number = 0;
  #answerMs;

  /**
   * @param {import('node:net').Socket} socket connected
   * @param {number} answerMs
   */
  constructor(socket, answerMs) {
    this.#socket = socket;
    this.#answerMs = answerMs;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#end(new NoAnswer('the connection ended')));
    // It repeats the errors of its input, which the socket has told already.
    const lines = createInterface({ input: socket }).on('error', () => {});
    lines.on('line', (line) => {
      const { number, ...answer } = JSON.parse(line);
      this.#waiting.get(number)?.resolve(answer);
      this.#waiting.delete(number);
    });
  }

  /**
   * @param {{ host: string, port: number, answerMs: number }} address
   * @returns {Promise<Connection>}
   */
  static open({ host, port, answerMs }) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, timeout: answerMs });
      const failed = () => reject(new Error(`${host}:${port} cannot be reached`));
      socket.once('error', failed).once('timeout', failed);
      socket.once('connect', () => {
        socket.off('error', failed).off('timeout', failed).setTimeout(0);
        resolve(new Connection(socket, answerMs));
      });
    });
  }

  get usable() {
    return this.#socket.writable;
  }

  /**
   * Sends an entry and answers as the server does; rejects with {@link NoAnswer} when nothing comes.
   *
   * @param {object} entry
   * @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  send(entry, signal) {
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      // A connection that is silent for so long is dead, whatever it looks like: nothing more is sent on it.
      const timer = setTimeout(() => this.#socket.destroy(), this.#answerMs);
      const aborted = () => settled.reject(new NoAnswer('the call was aborted'));
      /** @param {() => void} settle */
      const end = (settle) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        this.#waiting.delete(number);
        settle();
      };
      const settled = {
        resolve: (/** @type {Answer} */ answer) => end(() => resolve(answer)),
        reject: (/** @type {Error} */ error) => end(() => reject(error)),
      };
      this.#waiting.set(number, settled);
      signal.addEventListener('abort', aborted, { once: true });
      if (!this.usable) settled.reject(new NoAnswer('the connection ended'));
      else this.#socket.write(`${JSON.stringify({ number, entry })}\n`);
    });
  }

  close() {
    this.#socket.destroy();
  }

  /** @param {Error} error */
  #end(error) {
    for (const { reject } of [...this.#waiting.values()]) reject(error);
  }
}
