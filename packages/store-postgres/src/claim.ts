import type { ClaimRequest } from '@outrelay/core';
import type { Connections } from './connections.ts';
import { type PartitionView, type Survey, surveyor } from './due.ts';
import { lockPartitions } from './fence.ts';
import { isFree, leaseOn, type PgLease } from './lease.ts';
import { numbers, text } from './literal.ts';
import type { Streams } from './streams.ts';
import { CLOCK, interval, PARTITIONS, type Tables } from './tables.ts';
import { asker } from './wanted.ts';

/**
 * Takes free partitions: a fair part of all, those with due messages first, then those that have rested longest.
 *
 * Looks first, so that idle relays write nothing. A relay that finds due messages but nothing free says so to the
 * holders.
 */
export function claimer(
  connections: Connections,
  tables: Tables,
  streams: Streams,
): (request: ClaimRequest) => Promise<PgLease | null> {
  const survey = surveyor(connections, tables, streams);
  const take = taker(connections, tables);
  const ask = asker(connections, tables);
  return async (request) => {
    for (;;) {
      const seen = await survey(request.topics);
      const due = seen.partitions.filter(({ dueMs }) => dueMs !== null);
      if (due.length === 0) return null;
      if (!due.some(({ free }) => free)) {
        await ask(seen, due);
        return null;
      }
      const lease = await take(request, fairPart(seen));
      if (lease !== null) return lease;
      // Another relay was faster; what it left may still be due.
    }
  };
}

/** What a relay without a lease takes of what is free. */
function fairPart({ partitions, leases }: Survey): readonly number[] {
  const fair = Math.ceil(PARTITIONS / (leases + 1));
  return partitions
    .filter(({ free }) => free)
    .toSorted((a, b) => Number(b.dueMs !== null) - Number(a.dueMs !== null) || b.restMs - a.restMs)
    .slice(0, fair)
    .map(({ number }: PartitionView) => number);
}

/** Takes partitions for a token, as far as they are still free when their rows have been locked. */
export function taker(
  connections: Connections,
  tables: Tables,
): (
  request: Pick<ClaimRequest, 'token' | 'relay' | 'leaseMs'>,
  wanted: readonly number[],
) => Promise<PgLease | null> {
  const { partitions, leases } = tables;
  return async ({ token, relay, leaseMs }, wanted) => {
    const chosen = numbers(wanted, 'smallint');
    const until = `${CLOCK} + ${interval(leaseMs)}`;
    const [, taken = []] = await connections.change([
      // First the locks, then a statement with a snapshot from after them: a renewal that was under way has ended, and
      // is seen. A condition on the locked rows alone would not be evaluated again, because a renewal leaves them as
      // they are.
      lockPartitions(tables, chosen),
      // The first loss is forgiven: processes end for many reasons. From the second in a row on, what the lost lease
      // had read is under suspicion, unless it is already known how many are.
      `WITH taken AS (UPDATE ${partitions} AS p SET
        suspect_left = CASE WHEN NOT p.released AND p.losses >= 1 AND p.suspect_left = 0 THEN p.last_read ELSE p.suspect_left END,
        losses = p.losses + (NOT p.released)::integer, last_read = 0,
        token = ${text(token)}, released = false, served_at = ${CLOCK}, reserved_until = NULL
        WHERE p.partition_no = ANY(${chosen}) AND ${isFree(tables, 'p')} RETURNING p.partition_no, p.losses),
      lease AS (INSERT INTO ${leases} AS l (token, relay, expires_at) SELECT ${text(token)}, ${text(relay)}, ${until} WHERE EXISTS (SELECT 1 FROM taken) ON CONFLICT (token) DO NOTHING)
      SELECT partition_no, losses FROM taken ORDER BY partition_no`,
      // Leases of which nothing is left; one that ended but was not taken over may still be renewed.
      `DELETE FROM ${leases} AS l WHERE l.expires_at <= ${CLOCK} AND NOT EXISTS (SELECT 1 FROM ${partitions} AS p WHERE p.token = l.token AND NOT p.released)`,
    ]);
    if (taken.length === 0) return null;
    const numbersTaken = taken.map(([number]) => Number(number));
    return leaseOn(
      token,
      numbersTaken,
      taken.some(([, losses]) => Number(losses) > 0),
    );
  };
}
