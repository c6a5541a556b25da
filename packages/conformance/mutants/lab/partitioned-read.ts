import { type ClaimedMessage, type Lease, payloadBytes, type ReadRequest } from '@outrelay/core';
import { isSuspect } from './partition.ts';
import type { PartitionedLab } from './partitioned-lab.ts';
import type { PartitionedLease } from './partitioned-lease.ts';

/** Yields what is due in the leased partitions, the oldest first; a suspect comes alone. */
export async function read(
  lab: PartitionedLab,
  { token, state }: PartitionedLease,
  request: ReadRequest,
): Promise<ClaimedMessage[]> {
  const parts: {
    readonly at: number;
    readonly lease: Lease;
    readonly messages: readonly ClaimedMessage[];
  }[] = [];
  for (const at of state.numbers) {
    const partition = lab.partitions[at];
    if (partition === undefined || partition.token !== token || partition.isReleased) continue;
    const lease = await partition.lease('relay');
    (state.leases as Map<number, Lease>).set(at, lease);
    const messages = await partition.memory.read(lease, request);
    const suspect = messages.find(isSuspect);
    if (suspect === undefined) {
      parts.push({ at, lease, messages });
      continue;
    }
    for (const part of parts) {
      const settlements = { accepted: [], retry: [], dead: [], returned: part.messages };
      await lab.partitions[part.at]?.memory.settle(part.lease, settlements);
    }
    return [plain(suspect)];
  }
  // Stored ids begin with the number of their append.
  const due = parts.flatMap(({ messages }) => messages).toSorted(byId);
  const chosen: ClaimedMessage[] = [];
  let bytes = 0;
  for (const message of fairShare(due, request.messages)) {
    bytes += payloadBytes(message.payload);
    if (chosen.length > 0 && bytes > request.bytes) break;
    chosen.push(message);
  }
  return chosen.map(plain);
}

function byId(a: ClaimedMessage, b: ClaimedMessage): number {
  return a.id < b.id ? -1 : 1;
}

/** At most `limit`, of which one key gets no more than half while others are due. */
function fairShare(due: readonly ClaimedMessage[], limit: number): readonly ClaimedMessage[] {
  const counts = new Map<string, number>();
  const within = due.filter(({ topic, key, id }) => {
    const name = key === null ? id : `${topic}\0${key}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return (counts.get(name) ?? 0) <= Math.ceil(limit / 2);
  });
  const first = within.slice(0, limit);
  const beyond = due.filter((message) => !within.includes(message)).slice(0, limit - first.length);
  return [...first, ...beyond].toSorted(byId);
}

/** The message under the id it was given. */
function plain(message: ClaimedMessage): ClaimedMessage {
  const { id, deduplicationId } = message;
  const start = id.indexOf(':') + 1;
  return { ...message, id: id.slice(start), deduplicationId: deduplicationId.slice(start) };
}
