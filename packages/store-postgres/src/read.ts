import type { ClaimedMessage, ReadRequest } from '@outrelay/core';
import type { Connections } from './connections.ts';
import type { PgLease } from './lease.ts';
import { Looker } from './look.ts';
import type { Streams } from './streams.ts';
import { suspectTaker } from './suspect.ts';
import type { Tables } from './tables.ts';
import { upkeeper } from './upkeep.ts';

/**
 * Yields due messages of the lease in order of position.
 *
 * Normally it writes nothing, and takes one round trip. What it meets in the way of the next read (messages behind a
 * blocked key, scheduled ones whose time has come) it puts where it belongs, once and in bounded parts, and looks again
 * until it has found something or nothing is due.
 */
export function reader(
  connections: Connections,
  tables: Tables,
  streams: Streams,
): (lease: PgLease, request: ReadRequest) => Promise<readonly ClaimedMessage[]> {
  const looker = new Looker(connections, tables, streams);
  const keepUp = upkeeper(connections, tables);
  const takeSuspect = suspectTaker(connections, tables);
  return async (lease, request) => {
    lease.state.reads++;
    for (;;) {
      const first = lease.state.intricate ? undefined : await looker.first(lease, request);
      const { messages, suspect, upkeep } = first ?? (await looker.second(lease, request));
      if (suspect !== null) {
        const taken = await takeSuspect(lease, suspect);
        if (taken !== null) return [taken];
        if (upkeep !== null && !(await keepUp(lease, upkeep))) return [];
        continue;
      }
      if (upkeep === null) return messages;
      const held = await keepUp(lease, upkeep);
      if (!held || messages.length > 0 || upkeep.cleared.length > 0) return held ? messages : [];
    }
  };
}
