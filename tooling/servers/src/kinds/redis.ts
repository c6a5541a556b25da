import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { findBinary } from '../system/binary.ts';
import { runToEnd } from '../system/run.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';
import { redisVersion } from './redis-protocol.ts';
import type { ServerKind } from './server-kind.ts';

/** What {@link startRedis} takes. */
export interface RedisOptions {
  /** Command-line arguments, for example `['--appendonly', 'yes']`. Default: none; data is kept in memory only. */
  readonly args?: readonly string[] | undefined;
  /** The program. Default: `redis-server`, else `valkey-server`, on PATH. */
  readonly binary?: string | undefined;
}

/** Starts a Redis server of the caller's own; `start` and `restart` take other arguments. */
export async function startRedis(options: RedisOptions = {}): Promise<ServerInstance<readonly string[]>> {
  const binary = options.binary ?? redisBinary();
  if (binary === null) throw new Error(`No redis-server on PATH. ${redis.remedy}`);
  const version = await binaryVersion(binary);
  return startOnFreePort(options.args ?? [], async (port) => {
    const directory = scratchDirectory('redis');
    const url = `redis://127.0.0.1:${port}`;
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--daemonize', 'no'];
    return {
      title: 'Redis',
      version,
      url,
      port,
      directory,
      account: null,
      stopSignal: 'SIGTERM',
      abortSignal: 'SIGKILL',
      command: (args) => [binary, ...fixed, '--save', '', ...args],
      answers: () => redisVersion(url),
    };
  });
}

function redisBinary(): string | null {
  return findBinary('redis-server', 'valkey-server');
}

async function binaryVersion(binary: string): Promise<string> {
  const output = await runToEnd(binary, ['--version']);
  return /v=(?<version>\S+)/.exec(output)?.groups?.['version'] ?? 'of an unknown version';
}

/** How suites find a Redis server. */
export const redis: ServerKind = {
  name: 'redis',
  title: 'Redis',
  port: 6379,
  localUrls: ['redis://127.0.0.1:6379'],
  identify: redisVersion,
  start: async () => (redisBinary() === null ? null : startRedis()),
  service: 'redis',
  debianPackages: ['redis-server'],
  sidPackages: [],
  remedy: 'Install one: apt-get install redis-server, or brew install redis.',
};
