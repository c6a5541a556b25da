import { clockFinding, type DiagnosisFacet, type Finding } from '@outrelay/core';
import type { Connections } from './connections.ts';
import { logFindings, replicationFindings } from './diagnosis/log-findings.ts';
import { type ServerState, serverFindings, serverSql } from './diagnosis/server.ts';
import { heldFinding, heldSql, poolerFinding } from './diagnosis/sessions.ts';
import { tableFindings, tablesSql } from './diagnosis/tables.ts';
import { Slot } from './log/slot.ts';
import type { PostgresStoreSettings } from './options.ts';

/** A transaction that is open for longer is a finding, in milliseconds. */
const HELD_MS = 300_000;

/**
 * Examines the server by what it says of itself; every question may be asked by any role.
 *
 * @param heldMs - from when on an open transaction is told, in milliseconds
 */
export function diagnosisFacet(
  connections: Connections,
  settings: PostgresStoreSettings,
  heldMs: number = HELD_MS,
): DiagnosisFacet {
  const { tables, wakeups } = settings;
  const slot = new Slot(connections, tables);
  return {
    async examine({ push = false } = {}) {
      // The first question may have to open a connection, which would count as the database's clock being off.
      await connections.look([]);
      const askedAtMs = Date.now();
      const [server = [], held = [], ...relations] = await connections.look([
        serverSql(tables),
        heldSql(heldMs),
        ...tablesSql(tables),
      ]);
      const answeredAtMs = Date.now();
      const state = JSON.parse(server[0]?.[0] as string) as ServerState;
      const findings: Finding[] = [
        ...serverFindings(state),
        clockFinding(state.nowMs, askedAtMs, answeredAtMs),
        await poolerFinding(connections, settings, push),
        ...tableFindings(state, tables, relations),
        heldFinding(state, held),
      ];
      if (push || wakeups === 'doorbell') findings.push(...replicationFindings(state));
      // A standby cannot say how far its log is.
      if (push && !state.standby) findings.push(...logFindings(state, await slot.status()));
      return findings;
    },
  };
}
