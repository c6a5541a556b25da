import { loadPg } from '../source.ts';

/**
 * The part of a `pg` client with `replication: 'database'` that following a log needs: its connection speaks the copy
 * protocol in both directions, which `pg` itself passes on and does not use.
 */
export interface ReplicationClient {
  readonly connection: ReplicationConnection;
  connect(): Promise<unknown>;
  query(text: string): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
  end(): Promise<void>;
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown;
}

/** What travels below the client. */
export interface ReplicationConnection {
  readonly stream: { pause(): unknown; resume(): unknown; destroy(): unknown };
  on(event: 'copyData', listener: (message: { readonly chunk: Buffer }) => void): unknown;
  once(event: 'replicationStart', listener: () => void): unknown;
  sendCopyFromChunk(chunk: Buffer): void;
}

/** Opens a client that is not connected yet. */
export type ReplicationClientFactory = () => ReplicationClient;

/** Opens connections for replication to the database of a URL. */
export function replicationClients(url: string): ReplicationClientFactory {
  return () => {
    const { Client } = loadPg();
    return new Client({
      connectionString: url,
      replication: 'database',
      application_name: 'outrelay log',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    }) as unknown as ReplicationClient;
  };
}
