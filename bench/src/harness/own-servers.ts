import { startMariadb, startMysql, startPostgres, startRedis, type ServerInstance } from '@outrelay/servers';
import type { ServerKind } from './scenario.ts';

type Running = Pick<ServerInstance, 'url' | 'title' | 'version' | 'remove'>;

/**
 * How each server is started: with the durability that it has when nobody touches its configuration, which is not
 * what tests run with.
 */
const START: Readonly<Record<ServerKind, () => Promise<Running>>> = {
  redis: () => startRedis(),
  postgres: () => startPostgres({ settings: { fsync: 'on' } }),
  mariadb: () => startMariadb({ args: ['--innodb-flush-log-at-trx-commit=1'] }),
  mysql: () => startMysql({ args: ['--innodb-flush-log-at-trx-commit=1', '--sync-binlog=1'] }),
  documentdb: () => Promise.reject(new Error('not there yet')),
};

/** Servers of the benchmark's own: those of others are under loads of their own. */
export class OwnServers {
  readonly #running = new Map<ServerKind, Running>();

  /** The URLs of servers, which are started when they are not there yet. */
  async urls(kinds: readonly ServerKind[]): Promise<Readonly<Record<string, string>>> {
    for (const kind of kinds) if (!this.#running.has(kind)) this.#running.set(kind, await START[kind]());
    return Object.fromEntries(kinds.map((kind) => [kind, (this.#running.get(kind) as Running).url]));
  }

  /** Names and versions of all that were started. */
  versions(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#running.values()].map(({ title, version }) => [title, version]));
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#running.values()].map((server) => server.remove()));
  }
}
