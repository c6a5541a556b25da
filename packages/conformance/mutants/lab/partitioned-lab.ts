import type { ApplicationTransaction } from '@outrelay/conformance';
import { type NewMessage, OutboxError } from '@outrelay/core';
import type { MemoryTransaction } from '@outrelay/store-memory';
import { LabClock } from './clock.ts';
import { Partition } from './partition.ts';
import { TransactionHooks } from './transaction.ts';

/** What tells one model database with partitions from another. */
export interface PartitionedOptions {
  /** With one partition the store is held as a whole. */
  readonly partitions: number;
  readonly append: 'sync' | 'async';
}

/** A transaction over all partitions. */
export class PartitionedTransaction {
  readonly lab: PartitionedLab;
  readonly parts: readonly MemoryTransaction[];
  hasMessages = false;

  constructor(lab: PartitionedLab) {
    this.lab = lab;
    this.parts = lab.partitions.map(({ memory }) => memory.begin());
  }

  commit(): void {
    for (const part of this.parts) part.commit();
    if (this.hasMessages) this.lab.wake();
  }

  rollback(): void {
    for (const part of this.parts) part.rollback();
  }

  savepoint(): () => void {
    const points = this.parts.map((part) => part.savepoint());
    return () => {
      for (const rollBack of points) rollBack();
    };
  }
}

/** A model database whose leases cover partitions; each partition is a memory store. */
export class PartitionedLab {
  readonly clock: LabClock = new LabClock();
  readonly hooks: TransactionHooks = new TransactionHooks();
  readonly options: PartitionedOptions;
  readonly partitions: readonly Partition[];
  /** Relays that found nothing free, by the token of the holder. */
  readonly waiting: Map<string, Set<string>> = new Map();
  readonly listeners: Set<() => void> = new Set();
  #appended = 0;

  constructor(options: PartitionedOptions) {
    this.options = options;
    this.partitions = Array.from({ length: options.partitions }, () => new Partition(this.clock));
  }

  begin(): ApplicationTransaction {
    return this.hooks.around(new PartitionedTransaction(this));
  }

  /** Adds messages to a transaction, under ids that are unique and sort by append. */
  add(handle: unknown, messages: readonly NewMessage[]): void {
    if (!(handle instanceof PartitionedTransaction)) {
      throw new OutboxError('TRANSACTION_REQUIRED', 'Expected an open transaction of the lab.');
    }
    const placed = messages.map((message) => ({
      part: handle.parts[this.partitionOf(message)] as MemoryTransaction,
      message: {
        ...message,
        headers: { ...message.headers },
        payload: message.payload instanceof Uint8Array ? message.payload.slice() : message.payload,
        id: `${String(++this.#appended).padStart(9, '0')}:${message.id}`,
      },
    }));
    for (const { part, message } of placed) part.add([message]);
    handle.hasMessages = true;
  }

  wake(): void {
    for (const listener of this.listeners) listener();
  }

  /** The number of the partition of a topic and key, else of an id. */
  partitionOf({ topic, key, id }: Pick<NewMessage, 'topic' | 'key' | 'id'>): number {
    let hash = 7;
    for (const character of key === null ? id : `${topic}\0${key}`)
      hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
    return hash % this.partitions.length;
  }
}
