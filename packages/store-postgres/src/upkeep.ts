import { Chain } from './chain.ts';
import type { Connections } from './connections.ts';
import { fence } from './fence.ts';
import { heldBy, type PgLease } from './lease.ts';
import { numbers } from './literal.ts';
import type { Upkeep } from './look.ts';
import type { Tables } from './tables.ts';

/** Fresh messages that move behind a blocked key in one transaction. */
const MOVE_LIMIT = 2_000;

/** Writes what a look asks for, under the fence; answers `false` when a part of it is not held any more. */
export function upkeeper(
  connections: Connections,
  tables: Tables,
): (lease: PgLease, upkeep: Upkeep) => Promise<boolean> {
  const chain = new Chain(tables);
  return async ({ token }, { join, blocked, standing, expected, cleared }) => {
    const held = (column: string): string => heldBy(tables, token, column);
    const touched = new Set([
      ...join,
      ...[...blocked, ...standing].map(({ partition }) => partition),
      ...expected.keys(),
      ...cleared,
    ]);
    const statements = [fence(tables, token, [...touched])];
    if (join.length > 0) statements.push(chain.join(held));
    const positions = blocked.slice(0, MOVE_LIMIT).map(({ position }) => position);
    if (positions.length > 0) statements.push(chain.moveBehind(positions, held));
    if (standing.length > 0)
      statements.push(
        chain.demote(
          standing.map(({ position }) => position),
          held,
        ),
      );
    if (expected.size > 0) {
      const counts = `unnest(${numbers([...expected.keys()], 'smallint')}, ${numbers([...expected.values()], 'integer')}) AS e (partition_no, messages)`;
      statements.push(
        `UPDATE ${tables.partitions} AS p SET last_read = e.messages FROM ${counts} WHERE p.partition_no = e.partition_no AND ${held('p.partition_no')} AND NOT p.released`,
      );
    }
    if (cleared.length > 0) {
      statements.push(
        `UPDATE ${tables.partitions} AS p SET suspect_left = 0 WHERE p.partition_no = ANY(${numbers(cleared, 'smallint')}) AND ${held('p.partition_no')}`,
      );
    }
    const [locked] = await connections.change(statements);
    return locked?.length === touched.size;
  };
}
