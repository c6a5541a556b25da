import type { ClaimRequest } from '@outrelay/core';
import { changesOf, type Connections, rowsOf, type Session } from './connections.ts';
import { type DueWork, lookForWork, type PartitionState } from './due.ts';
import { leaseOn, type MysqlLease } from './lease.ts';
import { list, text, whole } from './literal.ts';
import { PARTITIONS, NOW, type Tables } from './tables.ts';
import { takenSql, takeSql } from './take.ts';

/**
 * Takes a lease on free partitions when something is due in one of them; looks first, so that idle relays write
 * nothing. A relay that is alone takes everything, so that what is appended later is its own already; one of several
 * takes its share, what was served longest ago first.
 */
export function claimer(
  connections: Connections,
  tables: Tables,
): (request: ClaimRequest) => Promise<MysqlLease | null> {
  return async (request) => {
    const work = await connections.look((session) => lookForWork(session, tables, request.topics));
    if (work.due.size === 0) return null;
    const numbers = choose(work, request.relay);
    if (numbers.length === 0) {
      await askForShare(connections, tables, work, request.relay);
      return null;
    }
    const taken = await connections.write((session) => take(session, tables, request, numbers));
    return taken.length === 0 ? null : leaseOn(request.token, taken);
  };
}

async function take(
  session: Session,
  tables: Tables,
  request: ClaimRequest,
  numbers: readonly number[],
): Promise<readonly number[]> {
  const [updated, rows] = await session.script([
    takeSql(tables, request, numbers),
    takenSql(tables, request.token),
  ]);
  return changesOf(updated) === 0 ? [] : rowsOf(rows).map(([number]) => number as number);
}

/** The partitions to take, or none when nothing that is due is free. */
function choose({ due, partitions }: DueWork, relay: string): readonly number[] {
  const free = partitions.filter((partition) => partition.free);
  const isDue = ({ number }: PartitionState): boolean => due.has(number);
  if (!free.some(isDue)) return [];
  const sharers = sharersOf(partitions, relay);
  const inOrder = [...free.filter(isDue), ...free.filter((partition) => !isDue(partition))];
  return inOrder.slice(0, Math.ceil(PARTITIONS / sharers)).map(({ number }) => number);
}

/** How many hold or want a part, the asking relay included. */
function sharersOf(partitions: readonly PartitionState[], relay: string): number {
  const holders = new Set(partitions.filter(({ free }) => !free).map(({ token }) => token));
  const waiting = new Set(partitions.flatMap(({ wantedBy }) => wantedBy ?? []));
  waiting.delete(relay);
  return holders.size + waiting.size + 1;
}

/** Marks what is due with those who hold more than their part of it; they see it when they settle or renew. */
async function askForShare(
  connections: Connections,
  tables: Tables,
  { due, partitions }: DueWork,
  relay: string,
): Promise<void> {
  const fair = Math.ceil(due.size / sharersOf(partitions, relay));
  const held = new Map<string, PartitionState[]>();
  for (const partition of partitions) {
    if (partition.free || partition.token === null) continue;
    held.set(partition.token, [...(held.get(partition.token) ?? []), partition]);
  }
  const wanted = [...held.values()].filter(
    (theirs) => theirs.filter(({ number }) => due.has(number)).length > Math.max(1, fair),
  );
  const numbers = wanted.flat().map(({ number }) => number);
  if (numbers.length === 0) return;
  const marked = numbers.filter((number) => due.has(number));
  await connections.write((session) =>
    session.run(
      `UPDATE ${tables.partitions} FORCE INDEX (PRIMARY) SET wanted_by = IF(partition_no IN ${list(marked.map(whole))}, ${text(relay)}, wanted_by), wanted_at = ${NOW} WHERE partition_no IN ${list(numbers.map(whole))} AND released = 0`,
    ),
  );
}
