import type { BoundedCount, InspectionFacet, LeaseHolder, MessageTrace, TopicStatus } from '@outrelay/core';
import type { Entry, MemoryState } from './state.ts';

/** Looks into the outbox without changing it. */
export function inspectionFacet(state: MemoryState): InspectionFacet {
  return {
    async status() {
      return { topics: topicStatuses(state), holders: holderStatuses(state) };
    },

    async find(id) {
      const traces = [
        ...state.sent
          .filter(({ entry }) => entry.content.id === id)
          .map((sent) => sentTrace(sent.entry, sent)),
        ...state.letters
          .filter(({ entry }) => entry.content.id === id)
          .map(({ entry, error, deadAtMs }) => ({ ...trace(entry, 'dead', deadAtMs), error })),
        ...[...state.entries.values()].flat().flatMap((entry) => {
          if (entry.content.id !== id || entry.phase === 'blocked') return [];
          const waits = !state.due(entry.orderKey).includes(entry);
          return [trace(entry, waits ? 'waiting' : 'pending', waits ? entry.availableAtMs : null)];
        }),
      ];
      return traces.toReversed();
    },
  };
}

interface TopicCounts {
  pending: number;
  waiting: number;
  dead: number;
  oldestMs: number | null;
}

function topicStatuses(state: MemoryState): TopicStatus[] {
  const now = state.now();
  const topics = new Map<string, TopicCounts>();
  const countsOf = (topic: string): TopicCounts => {
    const counts = topics.get(topic) ?? { pending: 0, waiting: 0, dead: 0, oldestMs: null };
    topics.set(topic, counts);
    return counts;
  };
  for (const [orderKey, entries] of state.entries) {
    const due = new Set(state.due(orderKey));
    for (const entry of entries) {
      if (entry.phase === 'blocked') continue;
      const counts = countsOf(entry.content.topic);
      if (due.has(entry)) counts.pending++;
      else counts.waiting++;
      // A scheduled message is late from its own time on, every other one from its append.
      const scheduled = entry.phase === 'fresh' && entry.availableAtMs > entry.createdAtMs;
      const sinceMs = scheduled ? entry.availableAtMs : entry.createdAtMs;
      if (sinceMs <= now) counts.oldestMs = Math.min(counts.oldestMs ?? sinceMs, sinceMs);
    }
  }
  for (const { entry, resolvedAtMs } of state.letters)
    if (resolvedAtMs === null) countsOf(entry.content.topic).dead++;
  return [...topics]
    .map(([topic, { pending, waiting, dead, oldestMs }]) => ({
      topic,
      pending: exactly(pending),
      waiting: exactly(waiting),
      dead: exactly(dead),
      lagMs: oldestMs === null ? null : now - oldestMs,
    }))
    .toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
}

function holderStatuses(state: MemoryState): LeaseHolder[] {
  const now = state.now();
  const byRelay = new Map<string, { keys: number; expiresAtMs: number }>();
  for (const orderKey of state.entries.keys()) {
    const holder = state.liveHolder(orderKey);
    if (holder === undefined) continue;
    const held = byRelay.get(holder.relay) ?? { keys: 0, expiresAtMs: holder.expiresAtMs };
    byRelay.set(holder.relay, {
      keys: held.keys + 1,
      expiresAtMs: Math.min(held.expiresAtMs, holder.expiresAtMs),
    });
  }
  return [...byRelay].map(([relay, { keys, expiresAtMs }]) => ({
    relay,
    share: keys / state.entries.size,
    expiresInMs: expiresAtMs - now,
  }));
}

function exactly(value: number): BoundedCount {
  return { value, exact: true };
}

function trace(entry: Entry, state: MessageTrace['state'], atMs: number | null): MessageTrace {
  const { id, topic, key } = entry.content;
  return {
    id,
    topic,
    key,
    state,
    createdAt: new Date(entry.createdAtMs),
    attempts: entry.attempts,
    at: atMs === null ? null : new Date(atMs),
    error: entry.lastError,
  };
}

function sentTrace(entry: Entry, sent: { sentAtMs: number; attempts: number }): MessageTrace {
  return { ...trace(entry, 'sent', sent.sentAtMs), attempts: sent.attempts };
}
