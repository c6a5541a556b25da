import {
  findPgbouncer,
  note,
  PACKAGED_POSTGRES,
  type ServerInstance,
  serverUrl,
  startPgbouncer,
  startPostgres,
} from '@outrelay/servers';
import { Client } from 'pg';

/** A server that a run of the suite is on. */
export interface SuiteServer {
  readonly url: string;
  /** Ends what was started for the suite. */
  readonly remove: () => Promise<void>;
}

/** The shared server, as a list that is empty when the run has none; which the table then says. */
export function sharedServer(): readonly SuiteServer[] {
  const url = serverUrl('postgres');
  if (url === undefined) return missing('no PostgreSQL: apt-get install postgresql');
  return [{ url, remove: async () => {} }];
}

/** A server of one version, started for the suite. */
export async function versionServer(version: number): Promise<readonly SuiteServer[]> {
  if (!PACKAGED_POSTGRES.includes(version) || process.platform !== 'linux') {
    return missing(`no PostgreSQL ${version} for this platform`);
  }
  const server = await startPostgres({
    version,
    settings: { wal_level: 'logical', max_connections: '200', max_prepared_transactions: '5' },
  });
  return [started('PostgreSQL', server)];
}

/** PgBouncer in transaction mode in front of the shared server. */
export async function pooledServer(): Promise<readonly SuiteServer[]> {
  const target = serverUrl('postgres');
  if (target === undefined) return missing('the pooler variant: no PostgreSQL');
  const found = await findPgbouncer();
  if ('none' in found) return missing(`the pooler variant: ${found.none}`);
  return [started('PgBouncer', await startPgbouncer({ target }))];
}

/** A server of a file's own, with a connection to it that goes past what is tested. */
export interface OwnServer extends SuiteServer {
  readonly admin: Client;
}

/** Starts a server whose processes a file stops or ends. */
export async function ownServer(): Promise<OwnServer> {
  const server = await startPostgres();
  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  return {
    url: server.url,
    admin,
    async remove() {
      await admin.end();
      await server.remove();
    },
  };
}

function started(name: string, server: Pick<ServerInstance, 'url' | 'version' | 'remove'>): SuiteServer {
  note({ kind: 'server', server: name, version: server.version });
  return { url: server.url, remove: () => server.remove() };
}

function missing(reason: string): readonly SuiteServer[] {
  note({ kind: 'skip', reason });
  process.stderr.write(`Skipped: ${reason}.\n`);
  return [];
}
