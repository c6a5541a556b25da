import type { ClaimedMessage, RenewReport, Settlements, SettleReport } from '@outrelay/core';
import { NO_KEYS } from './partition.ts';
import type { PartitionedLab } from './partitioned-lab.ts';
import type { PartitionedLease } from './partitioned-lease.ts';

/** Records outcomes partition by partition; what somebody else holds by now is lost. */
export async function settle(
  lab: PartitionedLab,
  { token, state }: PartitionedLease,
  settlements: Settlements,
): Promise<SettleReport> {
  const total = { settled: 0, alreadySettled: [] as string[], lost: [] as string[], unknown: [] as string[] };
  for (const [at, partition] of lab.partitions.entries()) {
    const here = ({ ref }: ClaimedMessage): boolean => lab.partitionOf(stored(ref)) === at;
    const part: Settlements = {
      accepted: settlements.accepted.filter(here),
      retry: settlements.retry.filter(({ message }) => here(message)),
      dead: settlements.dead.filter(({ message }) => here(message)),
      returned: settlements.returned.filter(here),
    };
    const messages = [
      part.accepted,
      part.retry.map(messageOf),
      part.dead.map(messageOf),
      part.returned,
    ].flat();
    if (messages.length === 0) continue;
    if (partition.token !== token) {
      total.lost.push(...messages.map(({ id }) => id));
      continue;
    }
    const report = await partition.memory.settle(state.leases.get(at) ?? NO_KEYS(token), part);
    total.settled += report.settled;
    for (const kind of ['alreadySettled', 'lost', 'unknown'] as const)
      total[kind].push(...report[kind].map((id) => id.slice(id.indexOf(':') + 1)));
  }
  return { ...total, wanted: (lab.waiting.get(token)?.size ?? 0) > 0 };
}

function messageOf({ message }: { message: ClaimedMessage }): ClaimedMessage {
  return message;
}

/** Topic, key and given id of the row behind a message. */
function stored(ref: unknown): { topic: string; key: string | null; id: string } {
  const { topic, key, id } = (
    ref as { entry: { content: { topic: string; key: string | null; id: string } } }
  ).entry.content;
  return { topic, key, id: id.slice(id.indexOf(':') + 1) };
}

/** Extends the lease on all its partitions, or on none. */
export async function renew(
  lab: PartitionedLab,
  lease: PartitionedLease,
  leaseMs: number,
): Promise<RenewReport | null> {
  const { token, state } = lease;
  const held = state.numbers.flatMap((at) => lab.partitions[at] ?? []);
  if (held.some((partition) => partition.token !== token || partition.isReleased)) return null;
  for (const [at, partition] of lab.partitions.entries()) {
    if (!held.includes(partition)) continue;
    partition.take(token, leaseMs);
    await partition.memory.renew(state.leases.get(at) ?? NO_KEYS(token), leaseMs);
  }
  return { lease, wanted: (lab.waiting.get(token)?.size ?? 0) > 0 };
}
