import type { Command } from './client.ts';
import type { Connection } from './connection.ts';

const PING: Command = { name: 'PING', args: [] };

/**
 * Finds connections that are silently dead (half-open TCP): pings all of them at intervals.
 *
 * One that does not answer in time is renewed by the exchange itself, so that the next message does not have to find
 * out. Does not keep the process alive.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  readonly #asked = new Set<Connection>();

  constructor(open: () => readonly Connection[], intervalMs: number, timeoutMs: number) {
    this.#timer = setInterval(() => {
      for (const connection of open()) void this.#ping(connection, timeoutMs);
    }, intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #ping(connection: Connection, timeoutMs: number): Promise<void> {
    if (this.#asked.has(connection)) return;
    this.#asked.add(connection);
    await connection.exchange([PING], timeoutMs);
    this.#asked.delete(connection);
  }
}
