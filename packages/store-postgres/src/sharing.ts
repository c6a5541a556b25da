import type { SharingFacet } from '@outrelay/core';
import { taker } from './claim.ts';
import type { Connections } from './connections.ts';
import { partitionsSql, surveyOf } from './due.ts';
import { fence } from './fence.ts';
import type { PgLease } from './lease.ts';
import { numbers, text } from './literal.ts';
import { CLOCK, interval, PARTITIONS, type Tables } from './tables.ts';

/** Milliseconds that a partition is kept for whoever asked for it. */
const RESERVED_MS = 2_000;

/** Divides the partitions between leases. */
export function sharingFacet(connections: Connections, tables: Tables): SharingFacet {
  const { partitions, leases } = tables;
  const take = taker(connections, tables);
  const survey = async (): Promise<ReturnType<typeof surveyOf>> => {
    const [rows = []] = await connections.look([partitionsSql(tables)]);
    return surveyOf(rows);
  };

  return {
    async handOver(given) {
      const lease = given as PgLease;
      const { token, state } = lease;
      const wish = `SELECT array_to_string(l.wanted, ','), (SELECT count(*) FROM ${leases} AS o WHERE o.expires_at > ${CLOCK}) FROM ${leases} AS l WHERE l.token = ${text(token)}`;
      const [[row] = []] = await connections.look([wish]);
      const wanted = new Set(
        (row?.[0] ?? '')
          .split(',')
          .filter((number) => number !== '')
          .map(Number),
      );
      const fair = Math.ceil(PARTITIONS / (Math.max(1, Number(row?.[1] ?? 1)) + 1));
      // What others have something to do with goes first; a holder with no more than its part gives one of those.
      const count = Math.max(state.partitions.length - fair, wanted.size > 0 ? 1 : 0);
      const order = state.partitions.toSorted((a, b) => Number(wanted.has(b)) - Number(wanted.has(a)));
      const leaving = alternate(order, count, wanted.size).toSorted((a, b) => a - b);
      const staying = state.partitions.filter((number) => !leaving.includes(number));
      const given2 = numbers(leaving, 'smallint');
      await connections.change([
        fence(tables, token, leaving),
        `UPDATE ${partitions} AS p SET released = true, served_at = ${CLOCK}, reserved_until = ${CLOCK} + ${interval(RESERVED_MS)} WHERE p.partition_no = ANY(${given2}) AND p.token = ${text(token)} AND NOT p.released`,
        staying.length === 0
          ? `DELETE FROM ${leases} WHERE token = ${text(token)}`
          : `UPDATE ${leases} SET wanted = NULL, wanted_at = NULL WHERE token = ${text(token)}`,
      ]);
      state.partitions = staying;
      return staying.length === 0 ? null : { token, state };
    },

    async widen(given, { relay, leaseMs }) {
      const lease = given as PgLease;
      const { token, state } = lease;
      const seen = await survey();
      const room = Math.ceil(PARTITIONS / Math.max(1, seen.leases)) - state.partitions.length;
      const free = seen.partitions
        .filter((partition) => partition.free && !partition.reserved)
        .toSorted((a, b) => b.restMs - a.restMs)
        .slice(0, Math.max(0, room))
        .map(({ number }) => number);
      if (free.length === 0) return lease;
      const added = await take({ token, relay, leaseMs }, free);
      if (added === null) return lease;
      state.partitions = [...new Set([...state.partitions, ...added.state.partitions])].toSorted(
        (a, b) => a - b,
      );
      state.lossy ||= added.state.lossy;
      return { token, state };
    },
  };
}

/** Takes `count` from the front of a list, every second one as long as there are enough of those that come first. */
function alternate(order: readonly number[], count: number, preferred: number): readonly number[] {
  const first = order.slice(0, preferred);
  const rest = order.slice(preferred);
  const picked = first.length > count ? first.filter((_, at) => at % 2 === 0) : first;
  const others = [...first.filter((number) => !picked.includes(number)), ...rest];
  return [...picked, ...others].slice(0, count);
}
