import type { RedisConnection } from './client.ts';
import { Connection } from './connection.ts';
import type { Line } from './line.ts';
import type { Group, Servers } from './servers.ts';

/** One server: by its address, or the one that Sentinel names as the primary at the moment. */
export class SingleServer implements Servers {
  readonly areOne = true;
  readonly #connection: Connection;
  readonly #own: boolean;

  constructor(redis: RedisConnection, own: boolean, name?: string) {
    this.#connection = new Connection(redis, own, name);
    this.#own = own;
  }

  place(lines: readonly Line[]): Promise<readonly Group[]> {
    return Promise.resolve([{ connection: this.#connection, asking: false, lines }]);
  }

  locate(): Promise<Connection> {
    return Promise.resolve(this.#connection);
  }

  follow(): boolean {
    return false;
  }

  hasMoved(): Promise<boolean> {
    return Promise.resolve(false);
  }

  representative(): Promise<Connection> {
    return Promise.resolve(this.#connection);
  }

  open(): readonly Connection[] {
    return this.#own ? [this.#connection] : [];
  }

  close(): Promise<void> {
    return this.#connection.end();
  }
}
