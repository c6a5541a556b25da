import { AssertionError } from 'node:assert/strict';
import type { ClaimedMessage, DeadReason, StoreCapabilities } from '@outrelay/core';

/** What the model knows of one message. */
export interface ModelMessage {
  readonly id: string;
  readonly topic: string;
  readonly key: string | null;
  /** Topic and key, or a name of its own. */
  readonly orderKey: string;
  /** Milliseconds of model time from which it may be yielded. */
  dueAtMs: number;
  /** `scheduled` lets later ones of its key pass until it is due; `retry` does not; `blocked` waits for people. */
  phase: 'fresh' | 'scheduled' | 'retry' | 'blocked';
  /** Attempts that were charged for certain. */
  attempts: number;
  /** Relays that disappeared while they had it: each may have been charged. */
  disappearances: number;
  /** The lease that has read it and not settled it yet. */
  readBy: ModelLease | null;
}

/** A lease as the model sees it. */
export interface ModelLease {
  readonly token: string;
  /** `ended`: its time is up, nobody is known to have taken over. `released`: given back. */
  state: 'held' | 'ended' | 'released';
  /** Whether another lease was granted since its end, so that a part of it may be somebody else's. */
  contested: boolean;
  /** Whether the installation has moved its times since: what was read is then not as it was read. */
  shifted: boolean;
  /** Whether it has been read from before. */
  read: boolean;
  endsAtMs: number;
}

/** A dead letter that holds nobody up, or whose key waits for it. */
export interface ModelLetter {
  readonly message: ModelMessage;
  readonly reason: DeadReason;
}

/** What the contract of a store allows: every answer of a real store is held against it, and then becomes its state. */
export class StoreModel {
  readonly capabilities: StoreCapabilities;
  /** Committed and not settled for good, in the order of append. */
  readonly messages: ModelMessage[] = [];
  readonly letters: ModelLetter[] = [];
  readonly leases: ModelLease[] = [];
  /** Messages of open transactions, by the number of their slot. */
  readonly open: Map<number, ModelMessage[]> = new Map();
  readonly accepted: Set<string> = new Set();
  nowMs = 0;
  ids = 0;
  /** Claims that may have taken over something from a lease that simply ended. */
  takeOvers = 0;

  constructor(capabilities: StoreCapabilities) {
    this.capabilities = capabilities;
  }

  /** Whether the store can be used beside an open transaction. */
  canRelay(concurrentWriters: boolean): boolean {
    return concurrentWriters || this.open.size === 0;
  }

  /** What may be yielded now to somebody who holds everything: heads of keys and what follows them. */
  due(): ModelMessage[] {
    const stopped = new Set<string>();
    return this.messages.filter((message) => {
      if (stopped.has(message.orderKey)) return false;
      if (message.phase === 'blocked') stopped.add(message.orderKey);
      else if (message.dueAtMs > this.nowMs) {
        if (message.phase === 'retry') stopped.add(message.orderKey);
      } else return true;
      return false;
    });
  }

  /** Messages that a held lease has read keep their key from all others. */
  heldKeys(): Set<string> {
    return new Set(
      this.messages.filter(({ readBy }) => readBy?.state === 'held').map(({ orderKey }) => orderKey),
    );
  }

  readOf(lease: ModelLease): ModelMessage[] {
    return this.messages.filter(({ readBy }) => readBy === lease);
  }

  /** Time passes; leases whose time is up end. */
  elapse(ms: number): void {
    this.nowMs += ms;
    for (const lease of this.leases) lease.shifted = true;
    for (const lease of this.leases)
      if (lease.state === 'held' && lease.endsAtMs <= this.nowMs) lease.state = 'ended';
  }

  /** A claim was answered with a lease. */
  granted(token: string, leaseMs: number): ModelLease {
    const ended = this.leases.filter(({ state }) => state === 'ended');
    if (ended.length > 0) this.takeOvers++;
    for (const lease of ended) lease.contested = true;
    const lease: ModelLease = {
      token,
      state: 'held',
      contested: false,
      shifted: false,
      read: false,
      endsAtMs: this.nowMs + leaseMs,
    };
    this.leases.push(lease);
    return lease;
  }

  /** A read was answered: every message has to be one that the lease may have, in order. */
  yielded(lease: ModelLease, claimed: readonly ClaimedMessage[]): void {
    const due = this.due();
    const held = this.heldKeys();
    const last = new Map<string, number>();
    for (const { id, attempt, topic, key } of claimed) {
      const at = due.findIndex((message) => message.id === id);
      const message = due[at];
      if (message === undefined) throw broken(`${id} was yielded and is not due`);
      if (message.topic !== topic || message.key !== key)
        throw broken(`${id} came back with another topic or key`);
      if (held.has(message.orderKey))
        throw broken(`${id} was yielded while another lease has read of its key`);
      const from = (last.get(message.orderKey) ?? -1) + 1;
      const skipped = due.slice(from, at).find((other) => other.orderKey === message.orderKey);
      if (skipped !== undefined) throw broken(`${id} was yielded before ${skipped.id} of its key`);
      last.set(message.orderKey, at);
      const least = message.attempts + 1;
      // A store with partitions knows how many messages a relay had when it disappeared, not which: what was put back
      // before them meanwhile is under suspicion in their place.
      const charges = this.capabilities.leaseScope === 'key' ? message.disappearances : this.takeOvers * 2;
      if (attempt < least || attempt > least + charges)
        throw broken(`${id} was yielded for attempt ${attempt}, ${least} was next`);
    }
    for (const { id } of claimed) {
      const message = this.find(id);
      if (message.readBy !== null) message.disappearances++;
      message.readBy = lease;
    }
    lease.read = true;
  }

  find(id: string): ModelMessage {
    const found = this.messages.find((message) => message.id === id);
    if (found === undefined) throw broken(`there is no message ${id}`);
    return found;
  }

  remove(message: ModelMessage): void {
    this.messages.splice(this.messages.indexOf(message), 1);
  }

  /** Puts a message back where it stood: ids are numbered in the order of append. */
  restore(message: ModelMessage): void {
    const at = this.messages.findIndex(({ id }) => Number(id) > Number(message.id));
    this.messages.splice(at === -1 ? this.messages.length : at, 0, message);
  }
}

/** The store did what its contract rules out. */
export function broken(text: string): AssertionError {
  return new AssertionError({ message: text });
}
