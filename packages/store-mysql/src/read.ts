import { setImmediate as othersRun } from 'node:timers/promises';
import type { ClaimedMessage, ReadRequest } from '@outrelay/core';
import { Chain } from './chain.ts';
import type { Connections, Session } from './connections.ts';
import { lock, type MysqlLease } from './lease.ts';
import { list, whole } from './literal.ts';
import { looker, type Upkeep } from './look.ts';
import { suspectTaker } from './suspect.ts';
import type { Tables } from './tables.ts';

/**
 * Yields due messages of the lease in order of position.
 *
 * Normally it writes nothing: one snapshot, in one round trip. What it meets in the way of the next read (messages
 * behind a blocked key, scheduled ones whose time has come) it puts where it belongs, once and in bounded parts, and
 * looks again until it has found something or nothing is due.
 */
export function reader(
  connections: Connections,
  tables: Tables,
): (lease: MysqlLease, request: ReadRequest) => Promise<readonly ClaimedMessage[]> {
  const look = looker(tables);
  const keepUp = upkeeper(tables);
  const takeSuspect = suspectTaker(tables);
  return async (lease, request) => {
    lease.state.memory.reads++;
    for (;;) {
      const sight = await connections.read((session) => look(session, lease, request));
      if (sight === null) return [];
      const { messages, suspect, upkeep } = sight;
      if (suspect !== null) {
        const taken = await connections.write((session) => takeSuspect(session, lease, suspect));
        if (taken !== null) return [taken];
      } else {
        if (upkeep === null) return messages;
        const held = await connections.write((session) => keepUp(session, lease, upkeep));
        if (held && messages.length > 0) return messages;
      }
      await othersRun();
    }
  };
}

/**
 * Writes what a look asks for, under the fence; answers `false` when a part of it is not held any more, so that the
 * caller looks again.
 */
function upkeeper(tables: Tables): (session: Session, lease: MysqlLease, upkeep: Upkeep) => Promise<boolean> {
  const chain = new Chain(tables);
  const { partitions } = tables;
  return async (session, { token }, { join, blocked, standing, expected, cleared }) => {
    const concerned = new Set([
      ...join,
      ...[...blocked, ...standing].map(({ partition }) => partition),
      ...expected.keys(),
      ...cleared,
    ]);
    const fence = await lock(session, tables, [...concerned]);
    if (fence.rows.some((row) => row.token !== token || row.released)) return false;
    if (join.length > 0) await chain.join(session, join);
    if (blocked.length > 0)
      await chain.moveBehind(
        session,
        blocked.map(({ position }) => position),
      );
    if (standing.length > 0)
      await chain.demote(
        session,
        standing.map(({ position }) => position),
      );
    if (expected.size > 0) {
      const cases = [...expected].map(([number, count]) => `WHEN ${whole(number)} THEN ${whole(count)}`);
      await session.run(
        `UPDATE ${partitions} FORCE INDEX (PRIMARY) SET last_read = CASE partition_no ${cases.join(' ')} END WHERE partition_no IN ${list([...expected.keys()].map(whole))}`,
      );
    }
    if (cleared.length > 0) {
      await session.run(
        `UPDATE ${partitions} FORCE INDEX (PRIMARY) SET suspect_left = 0 WHERE partition_no IN ${list(cleared.map(whole))}`,
      );
    }
    return true;
  };
}
