import type { ClaimedMessage, Lease } from '@outrelay/core';
import { type MemoryStore, memoryStore } from '@outrelay/store-memory';
import type { LabClock } from './clock.ts';

/** One partition of a {@link PartitionedLab}: a memory store whose lease covers all of it. */
export class Partition {
  readonly memory: MemoryStore;
  readonly #clock: LabClock;
  token = '';
  #expiresAtMs = 0;
  #released = true;

  constructor(clock: LabClock) {
    this.#clock = clock;
    this.memory = memoryStore({ now: clock.now });
  }

  get isFree(): boolean {
    return this.#released || this.#expiresAtMs <= this.#clock.now();
  }

  get isReleased(): boolean {
    return this.#released;
  }

  take(token: string, leaseMs: number): void {
    this.token = token;
    this.#expiresAtMs = this.#clock.now() + leaseMs;
    this.#released = false;
  }

  async release(): Promise<void> {
    this.#released = true;
    await this.memory.release(this.token);
  }

  /** Takes the keys that are there now, those since the last read included, for as long as the partition is held. */
  async lease(relay: string): Promise<Lease> {
    await this.memory.release(this.token);
    const leaseMs = Math.max(0, this.#expiresAtMs - this.#clock.now());
    const topics = { kind: 'all', names: [], matches: () => true } as const;
    const lease = await this.memory.claim({ token: this.token, relay, leaseMs, topics });
    return lease ?? NO_KEYS(this.token);
  }

  /** Whether a message is due that `matches` accepts, held or not. */
  async hasDue(matches: (topic: string) => boolean): Promise<boolean> {
    const status = await this.memory.inspection?.status();
    return status?.topics.some(({ topic, pending }) => pending.value > 0 && matches(topic)) ?? false;
  }
}

/** The lease of a memory store on nothing. */
export function NO_KEYS(token: string): Lease {
  return { token, state: { orderKeys: new Set<string>() } };
}

/** Whether a message is one of those that are handed out alone. */
export function isSuspect(message: ClaimedMessage): boolean {
  return (message.ref as { entry: { phase: string } }).entry.phase === 'suspect';
}
