import type { SharingFacet } from '@outrelay/core';
import { changesOf, type Connections, rowsOf } from './connections.ts';
import { FREE, WISH } from './due.ts';
import { leaseOn, lock, type MysqlLease, type PartitionRow } from './lease.ts';
import { list, whole } from './literal.ts';
import { NOW, type Tables } from './tables.ts';
import { takenSql, takeSql } from './take.ts';

/** Divides the partitions between the lanes and relays that ask for them. */
export function sharingFacet(connections: Connections, tables: Tables): SharingFacet {
  const { partitions } = tables;
  const sharers = `SELECT COUNT(DISTINCT IF(${FREE}, NULL, token)), COUNT(wanted_by) FROM ${partitions}`;
  /** Free, and not given up for somebody who is about to take it. */
  const spare = `SELECT partition_no FROM ${partitions} WHERE ${FREE} AND NOT (released = 1 AND COALESCE(${WISH}, 0)) ORDER BY partition_no`;

  return {
    async handOver(lease) {
      const { token, state } = lease as MysqlLease;
      const kept = await connections.write(async (session) => {
        const { rows } = await lock(session, tables, state.partitions);
        const held = rows.filter((row) => row.token === token && !row.released);
        const wanted = held.filter(({ wanted: isWanted }) => isWanted);
        if (wanted.length === 0) return held;
        const [counts] = await session.rows(sharers);
        const [holders, marks] = counts as [number, number];
        const keeping = keep(held, wanted, holders + 1, marks);
        const given = held.filter((row) => !keeping.includes(row));
        await session.script([
          ...(given.length === 0
            ? []
            : [
                `UPDATE ${partitions} FORCE INDEX (PRIMARY) SET released = 1, served_at = ${NOW}, wanted_at = ${NOW} WHERE partition_no IN ${numbersOf(given)}`,
              ]),
          ...(keeping.length === 0
            ? []
            : [
                `UPDATE ${partitions} FORCE INDEX (PRIMARY) SET wanted_by = NULL, wanted_at = NULL WHERE partition_no IN ${numbersOf(keeping)}`,
              ]),
        ]);
        return keeping;
      });
      if (kept.length === 0) return null;
      return leaseOn(
        token,
        kept.map(({ number }) => number),
        state.memory,
      );
    },

    async widen(lease, { relay, leaseMs }) {
      const { token, state } = lease as MysqlLease;
      const free = (await connections.look((session) => session.rows(spare))).map(
        ([number]) => number as number,
      );
      if (free.length === 0) return lease;
      const held = await connections.write(async (session) => {
        const [updated, rows] = await session.script([
          takeSql(tables, { token, relay, leaseMs }, free),
          takenSql(tables, token),
        ]);
        return changesOf(updated) === 0 ? null : rowsOf(rows).map(([number]) => number as number);
      });
      return held === null ? lease : leaseOn(token, held, state.memory);
    },
  };
}

/** What the holder keeps: its part of what is wanted anywhere, and as large a part of the rest. */
function keep(
  held: readonly PartitionRow[],
  wanted: readonly PartitionRow[],
  sharers: number,
  marks: number,
): readonly PartitionRow[] {
  const part = Math.min(1, Math.max(1, Math.ceil(marks / sharers)) / wanted.length);
  const rest = held.filter((row) => !wanted.includes(row));
  return [
    ...wanted.slice(0, Math.max(1, Math.ceil(wanted.length * part))),
    ...rest.slice(0, Math.ceil(rest.length * part)),
  ];
}

function numbersOf(rows: readonly PartitionRow[]): string {
  return list(rows.map(({ number }) => whole(number)));
}
