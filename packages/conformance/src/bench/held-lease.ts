import { AssertionError } from 'node:assert/strict';
import {
  ALL_TOPICS,
  type ClaimedMessage,
  type DeadReason,
  type Lease,
  type OutboxStore,
  type ReadRequest,
  type RenewReport,
  type Settlements,
  type SettleReport,
  type TopicFilter,
} from '@outrelay/core';
import { turns } from './eventually.ts';

/** Who claims, and what. */
export interface ClaimTerms {
  readonly store: OutboxStore;
  readonly relay: string;
  readonly leaseMs: number;
  readonly topics: TopicFilter;
  readonly token: string;
}

/** How a message is settled as dead. */
export interface DeathTerms {
  readonly reason?: DeadReason;
  readonly error?: string;
  readonly block?: boolean;
}

/** Reads of one lease after which it is plain that what is settled comes back. */
const MAX_READS = 1_000;
/** Reads after which timers run: a store in memory would else starve the watchdog. */
const READS_PER_TURN = 50;

/** A lease in the hands of a clause, with the verbs that take it. */
export class HeldLease {
  readonly terms: ClaimTerms;
  lease: Lease;
  #reads = 0;

  constructor(terms: ClaimTerms, lease: Lease) {
    this.terms = terms;
    this.lease = lease;
  }

  /** Claims; `null` when the store has nothing for the request. */
  static async claim(terms: ClaimTerms): Promise<HeldLease | null> {
    const { store, token, relay, leaseMs, topics } = terms;
    const lease = await store.claim({ token, relay, leaseMs, topics });
    return lease === null ? null : new HeldLease(terms, lease);
  }

  /** Reads; by default up to 1,000 messages of any size. */
  async read(request: Partial<ReadRequest> = {}): Promise<readonly ClaimedMessage[]> {
    if (++this.#reads > MAX_READS) {
      throw new AssertionError({
        message: `one lease yielded messages in ${MAX_READS} reads: does what was settled come back?`,
      });
    }
    if (this.#reads % READS_PER_TURN === 0) await turns(1);
    const topics = this.terms.topics ?? ALL_TOPICS;
    return this.terms.store.read(this.lease, { messages: 1_000, bytes: 100_000_000, topics, ...request });
  }

  settle(settlements: Partial<Settlements>): Promise<SettleReport> {
    const nothing = { accepted: [], retry: [], dead: [], returned: [] };
    return this.terms.store.settle(this.lease, { ...nothing, ...settlements });
  }

  accept(messages: readonly ClaimedMessage[]): Promise<SettleReport> {
    return this.settle({ accepted: messages });
  }

  retry(
    messages: readonly ClaimedMessage[],
    delayMs: number,
    error = 'not this time',
  ): Promise<SettleReport> {
    return this.settle({ retry: messages.map((message) => ({ message, delayMs, error })) });
  }

  bury(messages: readonly ClaimedMessage[], terms: DeathTerms = {}): Promise<SettleReport> {
    const { reason = 'rejected', error = 'refused', block = false } = terms;
    return this.settle({ dead: messages.map((message) => ({ message, reason, error, block })) });
  }

  giveBack(messages: readonly ClaimedMessage[]): Promise<SettleReport> {
    return this.settle({ returned: messages });
  }

  /** Renews; on success the lease is the renewed one. */
  async renew(leaseMs: number): Promise<RenewReport | null> {
    const report = await this.terms.store.renew(this.lease, leaseMs);
    if (report !== null) this.lease = report.lease;
    return report;
  }

  release(): Promise<void> {
    return this.terms.store.release(this.lease.token);
  }
}
