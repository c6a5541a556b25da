import { clockFinding, type DiagnosisFacet, type Finding, good, warning } from '@outrelay/core';
import type { Connections, Session } from './connections.ts';
import { rightsFinding } from './diagnosis/rights.ts';
import { type ServerState, serverFindings, VARIABLES } from './diagnosis/server.ts';
import { text } from './literal.ts';
import type { MysqlStoreSettings } from './options.ts';
import { VERSION } from './server.ts';

/** A transaction that is open for longer is a finding, in milliseconds. */
const HELD_MS = 300_000;

/**
 * Examines the server by what it says of itself.
 *
 * @param heldMs - from when on an open transaction is told, in milliseconds
 */
export function diagnosisFacet(
  connections: Connections,
  { tables }: MysqlStoreSettings,
  heldMs: number = HELD_MS,
): DiagnosisFacet {
  return {
    examine: () =>
      connections.bare(async (session) => {
        const state = await stateOf(session);
        const askedAtMs = Date.now();
        const [now] = await session.rows(
          "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000",
        );
        const answeredAtMs = Date.now();
        const rights = await rightsFinding(session, tables, state.user);
        return [
          ...serverFindings(state),
          clockFinding(Number(now?.[0]), askedAtMs, answeredAtMs),
          ...(rights === null ? [] : [rights]),
          await heldFinding(session, heldMs),
        ];
      }),
  };
}

async function stateOf(session: Session): Promise<ServerState> {
  const [row] = await session.rows(`${VERSION}, CURRENT_USER()`);
  // Not by @@name: which of them there are depends on server and version.
  const variables = await session.rows(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${VARIABLES.map(text).join(', ')})`,
  );
  return {
    version: String(row?.[0]),
    user: String(row?.[1]),
    variables: new Map(variables.map(([name, value]) => [String(name), String(value)])),
  };
}

/** A transaction that is held open keeps the server from dropping old versions of rows. */
async function heldFinding(session: Session, heldMs: number): Promise<Finding> {
  const sql = `SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()) FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> CONNECTION_ID() AND trx_started <= NOW() - INTERVAL ${Math.floor(heldMs / 1_000)} SECOND ORDER BY trx_started LIMIT 1`;
  try {
    const [row] = await session.rows(sql);
    if (row === undefined) return good('held-transactions', 'none');
    return warning('held-transactions', {
      seen: `the connection ${String(row[0])} has had a transaction open for ${String(row[1])} s`,
      expected: 'none for minutes: while it is open, old versions of rows are kept, and reads become slower',
      remedy: `KILL ${String(row[0])};`,
    });
  } catch (error) {
    if ((error as { errno?: unknown }).errno !== ACCESS_DENIED) throw error;
    return good('held-transactions', 'not asked for, which takes the right PROCESS');
  }
}

/** ER_SPECIFIC_ACCESS_DENIED_ERROR. */
const ACCESS_DENIED = 1227;
