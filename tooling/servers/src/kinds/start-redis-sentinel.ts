import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { findBinary } from '../system/binary.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';
import { redisVersion } from './redis-protocol.ts';

/** What {@link startRedisSentinel} takes. */
export interface RedisSentinelOptions {
  /** The name under which clients ask for the primary. */
  readonly name: string;
  /** Port of the primary at the start, on 127.0.0.1. */
  readonly primaryPort: number;
  /** How many Sentinels must agree that the primary is down. */
  readonly quorum: number;
  /** Milliseconds without an answer after which a server counts as down. Default: 500. */
  readonly downAfterMs?: number | undefined;
  /** The program. Default: `redis-server`, else `valkey-server`, on PATH. */
  readonly binary?: string | undefined;
}

/** Starts a Redis Sentinel of the caller's own; it finds the other Sentinels and the replicas by itself. */
export async function startRedisSentinel(options: RedisSentinelOptions): Promise<ServerInstance<null>> {
  const binary = options.binary ?? findBinary('redis-server', 'valkey-server');
  if (binary === null) throw new Error('No redis-server on PATH.');
  const { name, primaryPort, quorum, downAfterMs = 500 } = options;
  return startOnFreePort(null, async (port) => {
    const directory = scratchDirectory('redis-sentinel');
    const file = join(directory, 'sentinel.conf');
    const url = `redis://127.0.0.1:${port}`;
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${directory}`,
      `sentinel monitor ${name} 127.0.0.1 ${primaryPort} ${quorum}`,
      `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
      `sentinel failover-timeout ${name} 3000`,
      `sentinel parallel-syncs ${name} 1`,
    ];
    // Sentinel keeps what it learns in its configuration, so the file is written once and not per start.
    writeFileSync(file, `${lines.join('\n')}\n`);
    return {
      title: 'Redis Sentinel',
      version: await redisVersion(`redis://127.0.0.1:${primaryPort}`),
      url,
      port,
      directory,
      account: null,
      stopSignal: 'SIGTERM',
      abortSignal: 'SIGKILL',
      command: () => [binary, file, '--sentinel'],
      answers: () => pong(port),
    };
  });
}

/** Sentinel knows few commands; QUIT, which ends the identification of other servers, is not among them. */
function pong(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer in time')));
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (reply: Buffer) => {
      socket.destroy();
      if (reply.toString().startsWith('+PONG')) resolve();
      else reject(new Error(reply.toString().trim()));
    });
    socket.on('error', reject);
  });
}
