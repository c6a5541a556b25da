import type {
  ClaimedMessage,
  ClaimRequest,
  Lease,
  NewMessage,
  ReadRequest,
  RenewReport,
  Settlements,
  SettleReport,
  TopicFilter,
} from '@outrelay/core';
import { Leases } from './leases.ts';
import type { Ledger } from './ledger.ts';
import { type Batch, claimedMessage, partitionOf, type Row, type Session } from './rows.ts';
import { settle } from './settle.ts';

/** How a model database leases. */
export interface DatabaseOptions {
  readonly partitions: number;
  /** The most partitions that one claim takes. */
  readonly partitionsPerLease: number;
}

/**
 * A database with an outbox whose leases cover partitions, as the bundled ones have: every call is one transaction,
 * and what holds between transactions is what the specification of stores says.
 */
export class Database {
  readonly options: DatabaseOptions;
  /** In order of position. */
  readonly rows: Row[] = [];
  /** Dead letters that hold nobody up. */
  readonly letters: Row[] = [];
  readonly leases: Leases;
  readonly ledger: Ledger;
  readonly #worldMs: () => number;
  /** How far the database's clock is off; it may jump. */
  #offsetMs = 0;
  #position = 0;

  constructor(options: DatabaseOptions, worldMs: () => number, ledger: Ledger) {
    this.options = options;
    this.#worldMs = worldMs;
    this.ledger = ledger;
    this.leases = new Leases(options.partitions, () => this.nowMs, worldMs);
  }

  /** The database's clock, which leases and due times go by. */
  get nowMs(): number {
    return this.#worldMs() + this.#offsetMs;
  }

  jump(ms: number): void {
    this.#offsetMs += ms;
  }

  nextPosition(): number {
    return ++this.#position;
  }

  /** A transaction commits: its rows are there, at the positions that were drawn when they were inserted. */
  commit(rows: readonly { readonly position: number; readonly message: NewMessage }[]): void {
    for (const { position, message } of rows) {
      const orderKey = message.key === null ? `#${message.id}` : `${message.topic}\0${message.key}`;
      const row: Row = {
        position,
        content: message,
        orderKey,
        partition: partitionOf(orderKey, this.options.partitions),
        attempts: 0,
        availableAtMs:
          message.availableAt === null
            ? Number.NEGATIVE_INFINITY
            : this.nowMs + message.availableAt.getTime(),
        phase: 'fresh',
        suspect: false,
        redrives: 0,
        delivery: null,
      };
      this.ledger.committed(row);
      this.insert(row);
    }
  }

  insert(row: Row): void {
    let at = this.rows.length;
    while (at > 0 && (this.rows[at - 1] as Row).position > row.position) at--;
    this.rows.splice(at, 0, row);
  }

  remove(row: Row): void {
    this.rows.splice(this.rows.indexOf(row), 1);
  }

  claim(request: ClaimRequest): Lease | null {
    const due = new Set(this.#due(request.topics).map((row) => row.partition));
    const free = this.leases.vacant();
    const first = free.filter((partition) => due.has(partition));
    if (first.length === 0) {
      for (const partition of due) this.leases.want(partition);
      return null;
    }
    const rest = free.filter((partition) => !due.has(partition));
    const taken = [...first, ...rest].slice(0, this.options.partitionsPerLease);
    this.#take(taken, request.token, request.leaseMs);
    return { token: request.token, state: taken };
  }

  widen(lease: Lease, leaseMs: number): Lease {
    const vacant = this.leases.vacant();
    this.#take(vacant, lease.token, leaseMs);
    return { token: lease.token, state: [...partitionsOf(lease), ...vacant] };
  }

  handOver(lease: Lease): Lease | null {
    const held = this.leases.heldBy(lease.token);
    const given = held.slice(held.length >> 1);
    this.#free(lease.token, given);
    this.leases.forgetWanted(lease.token);
    const kept = held.slice(0, held.length >> 1);
    return kept.length === 0 ? null : { token: lease.token, state: kept };
  }

  read(session: Session, lease: Lease, request: ReadRequest): ClaimedMessage[] {
    const { token } = lease;
    const open = this.rows.filter((row) => row.delivery?.batch.token === token).length;
    if (open > 0) this.ledger.broken(`a read while ${open} messages of the read before are unsettled`);
    const due = this.#due(request.topics).filter((row) => this.leases.isHeldBy(row.partition, token));
    const batch: Batch = { token, deliveries: [] };
    const suspect = due.find((row) => row.suspect);
    if (suspect !== undefined) {
      // What stands before it in its key comes first.
      const first = due.find((row) => row.orderKey === suspect.orderKey) as Row;
      if (first.suspect) {
        first.attempts++;
        this.ledger.charged(first);
      }
      return [this.#yield(session, batch, first, first.attempts + (first.suspect ? 0 : 1))];
    }
    return due.slice(0, request.messages).map((row) => this.#yield(session, batch, row, row.attempts + 1));
  }

  settle(lease: Lease, settlements: Settlements): SettleReport {
    return settle(this, lease.token, settlements);
  }

  renew(lease: Lease, leaseMs: number): RenewReport | null {
    if (!this.leases.renew(partitionsOf(lease), lease.token, leaseMs)) return null;
    return { lease, wanted: this.leases.isWanted(lease.token) };
  }

  /** Answers whether something became free. */
  release(token: string): boolean {
    const held = this.leases.heldBy(token);
    this.#free(token, held);
    this.leases.end(token);
    return held.length > 0;
  }

  /** Somebody takes everything over, whoever holds it: an administrator, or a relay with a faster clock. */
  takeAway(partitions: readonly number[], token: string, leaseMs: number): void {
    this.#take(partitions, token, leaseMs);
  }

  #yield(session: Session, batch: Batch, row: Row, attempt: number): ClaimedMessage {
    const start = { published: false, answer: null, excuse: null, recorded: null, reported: false };
    row.delivery = { row, batch, session, attempt, ...start };
    batch.deliveries.push(row.delivery);
    this.ledger.yielded(row.delivery);
    return claimedMessage(row.delivery);
  }

  #free(token: string, partitions: readonly number[]): void {
    this.leases.free(partitions);
    for (const row of this.rows) {
      if (row.delivery?.batch.token === token && partitions.includes(row.partition)) row.delivery = null;
    }
  }

  /** What was read under an earlier lease and not settled is available again, and may be what ended its relay. */
  #take(partitions: readonly number[], token: string, leaseMs: number): void {
    if (partitions.length === 0) return;
    for (const row of this.rows) {
      if (row.delivery === null || !partitions.includes(row.partition)) continue;
      this.ledger.superseded(row.delivery);
      row.delivery = null;
      row.suspect = true;
    }
    this.leases.take(partitions, token, leaseMs);
  }

  /** Everything that may be published now, in order of position. */
  #due(topics: TopicFilter): Row[] {
    const due: Row[] = [];
    const waiting = new Set<string>();
    const { nowMs } = this;
    for (const row of this.rows) {
      if (waiting.has(row.orderKey)) continue;
      if (row.phase === 'blocked') waiting.add(row.orderKey);
      else if (row.availableAtMs > nowMs) {
        if (row.phase === 'retry') waiting.add(row.orderKey);
      } else if (topics.matches(row.content.topic)) due.push(row);
    }
    return due;
  }
}

function partitionsOf(lease: Lease): readonly number[] {
  return lease.state as readonly number[];
}
