import type { Message } from '@outrelay/core';
import type { ReceivedMessage } from '../../src/index.ts';

/** What the broker's side shows after many calls with failures in between. */
export interface Verdict {
  /** Ids of messages that were accepted and are not there. */
  readonly lost: readonly string[];
  /** Entries beyond the first of each id. */
  readonly duplicates: number;
  /** Keys whose first deliveries are not in the order of the messages. */
  readonly disordered: readonly string[];
}

/** Compares what was sent, in order, with the entries of the streams. */
export function verdict(sent: readonly Message[], entries: readonly ReceivedMessage[]): Verdict {
  const first = new Map<string, number>();
  for (const [at, { id }] of entries.entries()) if (!first.has(id)) first.set(id, at);
  const disordered = new Set<string>();
  const last = new Map<string, number>();
  for (const { id, topic, key } of sent) {
    const at = first.get(id);
    if (key === null || at === undefined) continue;
    const lane = `${topic} ${key}`;
    if (at < (last.get(lane) ?? -1)) disordered.add(lane);
    last.set(lane, at);
  }
  return {
    lost: sent.filter(({ id }) => !first.has(id)).map(({ id }) => id),
    duplicates: entries.length - first.size,
    disordered: [...disordered],
  };
}
