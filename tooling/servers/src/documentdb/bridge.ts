import { createServer, type Server, type Socket } from 'node:net';
import { BridgeSession, type BridgeState } from './bridge-session.ts';
import { Cursors } from './cursors.ts';
import { EmptyTimestamps } from './empty-timestamps.ts';
import { FailPoint } from './fail-point.ts';
import { PostgresPool } from './postgres-session.ts';
import { RetriedWrites } from './retried-writes.ts';
import { Transactions } from './transactions.ts';
import { readRequest, splitMessage, writeReply } from './wire-message.ts';

/** What {@link startBridge} takes. */
export interface BridgeOptions {
  /** Where DocumentDB is. */
  readonly postgresUrl: string;
  readonly port: number;
  /** The name of the replica set; `null` poses as a server that is in none. */
  readonly setName: string | null;
  /** Whether empty timestamps of inserted documents are filled. */
  readonly fillTimestamps: boolean;
}

/** The name under which the bridge is a replica set. */
export const SET_NAME = 'documentdb';

/**
 * Listens for drivers of MongoDB and passes their commands on to DocumentDB, which has no server for MongoDB's
 * protocol of its own. For tests: it knows no users, no encryption, and no more commands than suites here send.
 *
 * Every connection answers one request after the other, as a driver expects.
 */
export async function startBridge(options: BridgeOptions): Promise<Server> {
  const { postgresUrl, port, setName } = options;
  const pool = new PostgresPool(postgresUrl);
  const transactions = new Transactions(pool);
  await transactions.prepare();
  const { version } = await pool.ask('SELECT documentdb_api.binary_version() AS version', []);
  const self = { address: `127.0.0.1:${port}`, setName, version: String(version) };
  const state: BridgeState = {
    self,
    pool,
    transactions,
    cursors: new Cursors(pool),
    retried: new RetriedWrites(),
    failPoint: new FailPoint(),
    timestamps: options.fillTimestamps ? new EmptyTimestamps() : null,
  };
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    serve(socket, new BridgeSession(state, ++connections));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function serve(socket: Socket, session: BridgeSession): void {
  let received: Buffer = Buffer.alloc(0);
  let last = Promise.resolve();
  // A client that goes away without a word is no concern of the others.
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (let split = splitMessage(received); split !== null; split = splitMessage(received)) {
      const { message } = split;
      received = split.rest;
      // What a client sent before it went away is not begun any more: nobody would end a transaction of it.
      last = last.then(() => (socket.destroyed ? undefined : reply(socket, session, message)));
    }
  });
}

async function reply(socket: Socket, session: BridgeSession, message: Buffer): Promise<void> {
  try {
    const request = readRequest(message);
    const answer = await session.answer(request);
    if (socket.destroyed) await session.abandon(request);
    if (answer === null) socket.destroy();
    else if (!request.silent && socket.writable) socket.write(writeReply(request, answer));
  } catch {
    // Whoever sends what is no message gets no answer.
    socket.destroy();
  }
}
