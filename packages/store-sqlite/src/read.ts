import { setImmediate as othersRun } from 'node:timers/promises';
import type { ClaimedMessage, ReadRequest } from '@outrelay/core';
import { Chain } from './chain.ts';
import type { Connection, Session } from './connection.ts';
import { leaseRow, leaseSql, type SqliteLease } from './lease.ts';
import { looker, type Upkeep } from './look.ts';
import { suspectTaker } from './suspect.ts';
import type { Tables } from './tables.ts';

/**
 * Yields due messages of the lease in order of position.
 *
 * Normally it writes nothing: one snapshot, one statement per table. What it meets in the way of the next read (messages
 * behind a blocked key, scheduled ones whose time has come) it puts where it belongs, once and in bounded parts, and
 * looks again until it has found something or nothing is due.
 */
export function reader(
  connection: Connection,
  tables: Tables,
): (lease: SqliteLease, request: ReadRequest) => Promise<readonly ClaimedMessage[]> {
  const look = looker(tables);
  const keepUp = upkeeper(tables);
  const takeSuspect = suspectTaker(tables);
  return async (lease, request) => {
    lease.state.reads++;
    for (;;) {
      const sight = await connection.read((session) => look(session, lease, request));
      if (sight === null) return [];
      const { messages, suspect, upkeep } = sight;
      if (suspect !== null) {
        const taken = await connection.write((session) => takeSuspect(session, lease, suspect));
        if (taken !== null) return [taken];
      } else {
        if (upkeep === null) return messages;
        const held = await connection.write((session) => keepUp(session, lease, upkeep));
        if (!held || messages.length > 0 || upkeep.cleared) return held ? messages : [];
      }
      await othersRun();
    }
  };
}

/** Writes what a look asks for, under the fence; answers `false` when the lease is not held any more. */
function upkeeper(tables: Tables): (session: Session, lease: SqliteLease, upkeep: Upkeep) => boolean {
  const chain = new Chain(tables);
  const leaseQuery = leaseSql(tables);
  const expect = `UPDATE ${tables.partitions} SET last_read = ? WHERE partition_no = 0`;
  const clear = `UPDATE ${tables.partitions} SET suspect_left = 0 WHERE partition_no = 0`;
  return (session, lease, { join, blocked, standing, expected, cleared }) => {
    const { token, released } = leaseRow(session, leaseQuery);
    if (token !== lease.token || released) return false;
    if (join) chain.join(session);
    if (blocked.length > 0) chain.moveBehind(session, blocked);
    if (standing.length > 0) chain.demote(session, standing);
    if (expected > 0) session.run(expect, expected);
    if (cleared) session.run(clear);
    return true;
  };
}
