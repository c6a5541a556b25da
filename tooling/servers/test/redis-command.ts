import { connect } from 'node:net';

/** Sends one command in Redis' inline form and answers with the whole reply. */
export function redisCommand(port: number, ...words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let reply = '';
    socket.on('connect', () => socket.write(`${words.join(' ')}\r\nQUIT\r\n`));
    socket.on('data', (chunk: Buffer) => (reply += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(reply.replace(/\r\n\+OK\r\n$/, '')));
  });
}
