import { fileURLToPath } from 'node:url';
import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { mongodbIdentity } from '../kinds/mongodb-version.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';
import { startDocumentdbPostgres } from './documentdb-postgres.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/documentdb/program.js', import.meta.url));

/** What {@link startDocumentdb} takes. */
export interface DocumentdbOptions {
  /** `'standalone'` poses as a server that is in no replica set, and has no transactions. Default: `'primary'`. */
  readonly role?: 'primary' | 'standalone' | undefined;
  /** Fills empty timestamps of inserted documents, as MongoDB does and DocumentDB does not. Default: `false`. */
  readonly fillTimestamps?: boolean | undefined;
}

/** DocumentDB on PostgreSQL, and the bridge in front of it that speaks MongoDB's protocol. */
export class DocumentdbServer {
  readonly postgres: ServerInstance<readonly string[]>;
  readonly bridge: ServerInstance<readonly string[]>;

  constructor(postgres: ServerInstance<readonly string[]>, bridge: ServerInstance<readonly string[]>) {
    this.postgres = postgres;
    this.bridge = bridge;
  }

  get url(): string {
    return this.bridge.url;
  }

  get port(): number {
    return this.bridge.port;
  }

  get version(): string {
    return `1.0 ${this.bridge.version}`;
  }

  /** Kills both (`kill -9`) and keeps the data. */
  async kill(): Promise<void> {
    await Promise.all([this.bridge.kill(), this.postgres.kill()]);
  }

  /** Starts both on the same port and data, and resolves once drivers are answered. */
  async start(): Promise<void> {
    await this.postgres.start();
    await this.bridge.start();
  }

  /** Ends both and removes their data. */
  async remove(): Promise<void> {
    await this.bridge.remove();
    await this.postgres.remove();
  }
}

/**
 * Starts a DocumentDB of the caller's own behind a bridge. It is no MongoDB: it has no change streams, and fills no
 * empty timestamps unless it is asked to. What runs on both is run on a real replica set where one is given.
 */
export async function startDocumentdb(options: DocumentdbOptions = {}): Promise<DocumentdbServer> {
  const { role = 'primary', fillTimestamps = false } = options;
  const postgres = await startDocumentdbPostgres();
  try {
    const bridge = await startOnFreePort<readonly string[]>([], async (port) => {
      const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
      return {
        title: 'DocumentDB bridge',
        version: `on PostgreSQL ${postgres.version}`,
        url,
        port,
        directory: scratchDirectory('documentdb-bridge'),
        account: null,
        stopSignal: 'SIGTERM',
        abortSignal: 'SIGKILL',
        command: () => [
          process.execPath,
          PROGRAM,
          String(port),
          postgres.url,
          ...(role === 'standalone' ? ['standalone'] : []),
          ...(fillTimestamps ? ['fill-timestamps'] : []),
        ],
        answers: () => mongodbIdentity(url),
      };
    });
    return new DocumentdbServer(postgres, bridge);
  } catch (error) {
    await postgres.remove();
    throw error;
  }
}
