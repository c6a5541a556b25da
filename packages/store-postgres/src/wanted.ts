import type { Connections } from './connections.ts';
import type { PartitionView, Survey } from './due.ts';
import { numbers, text } from './literal.ts';
import { CLOCK, interval, PARTITIONS, type Tables } from './tables.ts';

/** Milliseconds after which a wish that nobody has met may be told again. */
const REPEAT_MS = 1_000;
/** Milliseconds that a message waits in a partition until its holder is asked although it has no more than its part. */
const STARVING_MS = 2_000;

/**
 * Tells holders that a relay found due messages and nothing free: those that have more than their part, and those in
 * whose partitions a message has waited for long, because they may not be able to route it.
 *
 * One row per holder is written, and not again for a moment: many relays that wait are no burden.
 */
export function asker(
  connections: Connections,
  { leases }: Tables,
): (survey: Survey, due: readonly PartitionView[]) => Promise<void> {
  return async ({ partitions, leases: count }, due) => {
    const fair = Math.ceil(PARTITIONS / (count + 1));
    const holders = new Set(due.flatMap(({ token }) => token ?? []));
    const wishes = [...holders].flatMap((token) => {
      const wanted = due.filter((partition) => partition.token === token);
      const held = partitions.filter((partition) => partition.token === token && !partition.free).length;
      const starving = wanted.filter(({ dueMs }) => (dueMs ?? 0) >= STARVING_MS);
      const chosen = held > fair ? wanted : starving;
      return chosen.length === 0 ? [] : [{ token, chosen: chosen.map(({ number }) => number) }];
    });
    if (wishes.length === 0) return;
    await connections.change(
      wishes.map(
        ({ token, chosen }) =>
          `UPDATE ${leases} SET wanted = ${numbers(chosen, 'smallint')}, wanted_at = ${CLOCK} WHERE token = ${text(token)} AND expires_at > ${CLOCK} AND (wanted_at IS NULL OR wanted_at < ${CLOCK} - ${interval(REPEAT_MS)})`,
      ),
    );
  };
}
