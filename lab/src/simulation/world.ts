import type { RelayEvent } from '@outrelay/core';
import { Broker } from './broker.ts';
import { Database } from './database.ts';
import { Doorbell } from './doorbell.ts';
import type { Engine } from '../engine/engine.ts';
import { Faults } from './faults.ts';
import { Ledger, type Policy, Violation } from './ledger.ts';
import { drawOptions, type WorldOptions } from './options.ts';
import type { SimulatedProcess } from './process.ts';
import { type Delivery, deliveryOf } from './rows.ts';
import { Scheduler } from './scheduler.ts';
import { SeededRandom } from './seeded-random.ts';
import type { Trace } from './trace.ts';

/** What a process asks of the database. */
export type Verb =
  | 'claim'
  | 'read'
  | 'settle'
  | 'renew'
  | 'release'
  | 'handOver'
  | 'widen'
  | 'listen'
  | 'unlisten';

/** Topics by what is special about them. */
export const TOPICS = ['order.placed', 'order.paid', 'mail.sent', 'audit.blocks'] as const;
/** The topic whose dead letters hold their key. */
export const BLOCKING = 'audit.blocks';

export const DEFAULT_POLICY: Policy = { maxAttempts: 60, maxDelayMs: 2_000, blocks: false };
/** A message that kills its process costs a lease for each attempt. */
export const BLOCKING_POLICY: Policy = { maxAttempts: 3, maxDelayMs: 2_000, blocks: true };

/** Everything there is in one course of events. */
export class World {
  readonly engine: Engine;
  readonly random: SeededRandom;
  readonly options: WorldOptions;
  readonly trace: Trace;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly database: Database;
  readonly doorbell: Doorbell;
  /** By the name of their transport. */
  readonly brokers: Readonly<Record<string, Broker>>;
  /** Whether nothing has happened that can end a lease before its time. */
  leasesAreSafe = true;

  constructor(seed: number, engine: Engine, trace: Trace) {
    this.engine = engine;
    this.trace = trace;
    this.random = new SeededRandom(seed);
    this.options = drawOptions(this.random);
    this.scheduler = new Scheduler(this.random);
    this.faults = new Faults(this.random, this.options.weather);
    const { weather, drains, badMessages } = this.options;
    this.ledger = new Ledger(policyOf, weather.quiet && !drains && !badMessages);
    this.database = new Database(this.options, () => this.scheduler.nowMs, this.ledger);
    this.doorbell = new Doorbell(this.scheduler, this.random, this.faults);
    const broker = (): Broker => new Broker(this.ledger, this.faults, this.random, this.options.deduplicates);
    this.brokers = this.options.transports === 1 ? { one: broker() } : { one: broker(), two: broker() };
  }

  note(who: string, what: string, detail: () => string): void {
    this.trace.note(this.scheduler.nowMs, who, what, detail);
  }

  /** R5.1, R5.3: a call to a broker may begin only under a lease. */
  checkLease(process: SimulatedProcess, deliveries: readonly Delivery[]): void {
    for (const { row, batch } of deliveries) {
      const { token } = batch;
      const { leases } = this.database;
      if (process.toldLost.has(token))
        this.ledger.broken(`${row.content.id} is published under a lease that is known to be lost (R5.3)`);
      if (!leases.lasts(token))
        this.ledger.broken(`${row.content.id} is published without a valid lease (R5.1)`);
      if (this.leasesAreSafe && !leases.isHeldBy(row.partition, token))
        this.ledger.broken(`${row.content.id} is published while somebody else has its lease (R5.1)`);
    }
  }

  /** What a relay reports. */
  heard(process: SimulatedProcess, event: RelayEvent): void {
    this.note(process.name, 'reports', () => event.type);
    try {
      this.#check(event);
    } catch (error) {
      // The ledger has it; the relay must not see it, because listeners of a relay may not throw.
      if (!(error instanceof Violation)) throw error;
    }
  }

  #check(event: RelayEvent): void {
    const { type } = event;
    if (type === 'lane-failed') this.ledger.broken(`a lane failed: ${String(event.error)}`);
    if (type === 'batch-settled')
      for (const message of event.accepted) this.ledger.heard(deliveryOf(message), 'accepted');
    if (type === 'message-retry') this.ledger.heard(deliveryOf(event.message), 'retry');
    if (type === 'message-dead') this.ledger.heard(deliveryOf(event.message), 'dead');
  }
}

function policyOf(topic: string): Policy {
  return topic === BLOCKING ? BLOCKING_POLICY : DEFAULT_POLICY;
}
