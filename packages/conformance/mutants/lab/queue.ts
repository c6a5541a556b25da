import type { KeptRejection } from '@outrelay/conformance';
import type { Message } from '@outrelay/core';
import { turn } from './gates.ts';

/** What the queue keeps: a message, or a text that is none. */
export type QueueEntry = Message | string;

/** An entry that was handed out and has not ended. */
export interface Hand {
  owner: Member;
  count: number;
  /** Whether anybody may have it. */
  free: boolean;
}

/** One process of a group. */
export interface Member {
  /** When the queue heard its last sign of life; `null` while it is there. */
  deadSinceMs: number | null;
}

/** A connection; what is frozen gets no answers any more. */
export interface QueueConnection {
  frozen: boolean;
}

/** What one group of consumers has of the queue. */
export interface QueueGroup {
  /** Place of the first entry that nobody has had. */
  next: number;
  readonly hands: Map<number, Hand>;
}

/** A model broker for consumers: a log, groups that each get all of it, and what they have in hands. */
export class Queue {
  readonly log: QueueEntry[] = [];
  readonly kept: KeptRejection[] = [];
  readonly groups: Map<string, QueueGroup> = new Map();
  readonly takeoverMs: number;
  up = true;
  readonly #connections = new Set<QueueConnection>();

  constructor(takeoverMs: number) {
    this.takeoverMs = takeoverMs;
  }

  connect(): QueueConnection {
    const connection = { frozen: false };
    this.#connections.add(connection);
    return connection;
  }

  /** Carries a call to the queue; what is frozen never arrives. */
  async pass(connection: QueueConnection): Promise<void> {
    await turn();
    if (!this.up) throw new Error('connect ECONNREFUSED');
    if (connection.frozen) await new Promise(() => {});
  }

  freeze(): void {
    for (const connection of this.#connections) connection.frozen = true;
  }

  group(name: string, start: 'beginning' | 'new'): QueueGroup {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group = { next: start === 'beginning' ? 0 : this.log.length, hands: new Map() };
    this.groups.set(name, group);
    return group;
  }

  /** Hands out up to `limit` entries: those that are free or were a dead member's, then new ones. */
  take(group: QueueGroup, member: Member, limit: number): readonly (readonly [number, Hand])[] {
    const taken: (readonly [number, Hand])[] = [];
    const nowMs = performance.now();
    const places = [...group.hands.keys()].toSorted((a, b) => a - b);
    for (const place of places) {
      const hand = group.hands.get(place) as Hand;
      const { deadSinceMs } = hand.owner;
      const orphaned = deadSinceMs !== null && nowMs - deadSinceMs >= this.takeoverMs;
      if (taken.length === limit || !(hand.free || orphaned)) continue;
      Object.assign(hand, { owner: member, count: hand.count + 1, free: false });
      taken.push([place, hand]);
    }
    while (taken.length < limit && group.next < this.log.length) {
      const hand = { owner: member, count: 1, free: false };
      group.hands.set(group.next, hand);
      taken.push([group.next++, hand]);
    }
    return taken;
  }
}
