import { type Finding, good, warning } from '@outrelay/core';
import type { PgClient, PgRow } from '../client.ts';
import type { Connections } from '../connections.ts';
import { identifier } from '../literal.ts';
import type { PostgresStoreSettings } from '../options.ts';
import { CLOCK, interval } from '../tables.ts';
import type { ServerState } from './server.ts';

/** Asks for the transaction of this database that has been open longest, and for longer than `heldMs` milliseconds. */
export function heldSql(heldMs: number): string {
  return `SELECT pid, usename, state, extract(epoch FROM ${CLOCK} - xact_start)::bigint, count(*) OVER () FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start < ${CLOCK} - ${interval(heldMs)} ORDER BY xact_start LIMIT 1`;
}

/** Whether a transaction is held open, which keeps dead rows of all tables from being removed. */
export function heldFinding({ role, seesOthers }: ServerState, [row]: readonly PgRow[]): Finding {
  if (row === undefined) {
    return good(
      'held-transactions',
      seesOthers
        ? 'none'
        : `none among those that the role ${identifier(role)} may see (all: GRANT pg_read_all_stats TO ${identifier(role)};)`,
    );
  }
  const [pid, user, state, seconds, count] = row;
  const others = Number(count) > 1 ? `, the oldest of ${count}` : '';
  return warning('held-transactions', {
    seen: `the session ${pid} of ${user} has had a transaction open for ${seconds} s (${state})${others}`,
    expected:
      'none for minutes: while it is open, rows that were settled cannot be removed, and reads become slower',
    remedy: `SELECT pg_terminate_backend(${pid}); and for the future: ALTER ROLE ${identifier(String(user))} SET idle_in_transaction_session_timeout = '5min';`,
  });
}

/** Whether the wake-ups or the log would have to pass through a pooler. */
export async function poolerFinding(
  connections: Connections,
  { wakeups, wakeupUrl }: PostgresStoreSettings,
  push: boolean,
): Promise<Finding> {
  const pooled = await connections.use((client) => isPooled(client));
  if (!pooled) return good('pooler', 'none');
  if ((wakeups === 'none' && !push) || wakeupUrl !== undefined) {
    return good('pooler', 'one is in between, in any mode that it likes');
  }
  return warning('pooler', {
    seen: `a pooler is in between, and ${push ? 'the log' : 'wake-ups'} would go through it`,
    expected: 'a direct connection: in transaction mode a pooler passes on neither wake-ups nor replication',
    remedy:
      'Give the option wakeupUrl the address of the server itself, for example: --from-option wakeupUrl=postgres://db:5432/shop',
  });
}

/** A server tells each session its process when it begins. A pooler made that up; the process that answers is another. */
async function isPooled(client: PgClient): Promise<boolean> {
  const { processID } = client as { processID?: unknown };
  const answer = (await client.query({ text: 'SELECT pg_backend_pid()', rowMode: 'array' })) as {
    readonly rows: readonly (readonly unknown[])[];
  };
  return typeof processID === 'number' && Number(answer.rows[0]?.[0]) !== processID;
}
