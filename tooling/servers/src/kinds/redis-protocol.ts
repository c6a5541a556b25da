import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const TIMEOUT_MS = 3_000;

/** The version of the Redis server behind a URL; rejects when there is none, or it is still loading its data. */
export async function redisVersion(url: string): Promise<string> {
  const reply = await ask(new URL(url), ['INFO', 'server']);
  const version = /^redis_version:(?<version>\S+)/m.exec(reply)?.groups?.['version'];
  if (version === undefined) throw new Error('What answers there is not a Redis server.');
  return version;
}

/**
 * Sends one command, after AUTH where the URL has credentials, and answers with the raw replies.
 *
 * Only what identification needs is spoken here, so that this package depends on no client that the suites test.
 */
function ask(url: URL, command: readonly string[]): Promise<string> {
  const credentials = [url.username, url.password].filter((part) => part !== '').map(decodeURIComponent);
  const commands = [...(credentials.length === 0 ? [] : [['AUTH', ...credentials]]), command, ['QUIT']];
  return new Promise((resolve, reject) => {
    const socket = open(url);
    let reply = '';
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('connect', () => socket.write(commands.map(encode).join('')));
    socket.on('data', (chunk: Buffer) => (reply += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => {
      const refusal = /^-(?<text>.*)$/m.exec(reply)?.groups?.['text'];
      if (refusal === undefined) resolve(reply);
      else reject(new Error(refusal.trim()));
    });
  });
}

function open(url: URL): Socket {
  const address = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 6379) };
  if (url.protocol === 'redis:') return connect(address);
  if (url.protocol === 'rediss:') return connectTls({ ...address, servername: url.hostname });
  throw new Error(`Expected a redis:// or rediss:// URL; got ${url.protocol}//.`);
}

/** The binary-safe form of a command: an array of bulk strings. */
function encode(parts: readonly string[]): string {
  const strings = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${parts.length}\r\n${strings.join('')}`;
}
