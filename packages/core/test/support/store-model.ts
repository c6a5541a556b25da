import { type ClaimedMessage, type NewMessage, payloadBytes } from '../../src/message.ts';
import type {
  ClaimRequest,
  DeadReason,
  Lease,
  ReadRequest,
  RenewReport,
  Settlements,
  SettleReport,
} from '../../src/store.ts';
import type { TopicFilter } from '../../src/topics.ts';
import { message as asMessage } from './messages.ts';

/** One message in the model. */
export interface Row {
  readonly position: number;
  readonly content: NewMessage;
  readonly key: string;
  readonly partition: number;
  attempts: number;
  availableAtMs: number;
  /** `fresh` before its time lets later ones of its key pass; `retry` does not; `blocked` waits for people. */
  phase: 'fresh' | 'retry' | 'blocked';
  undecodable: string | null;
  yieldedTo: string | null;
  /** It was being delivered when its relay disappeared: handed out alone, and charged before. */
  suspect: boolean;
}

/** Who holds a partition. */
export interface Holder {
  readonly token: string;
  expiresAtMs: number;
  released: boolean;
}

/** One outcome as it was recorded. */
export interface Recorded {
  readonly id: string;
  readonly outcome: 'accepted' | 'retry' | 'dead' | 'returned';
  readonly atMs: number;
  readonly delayMs?: number;
  readonly reason?: DeadReason;
  readonly error?: string;
}

/**
 * The contract of a store as a model in memory: messages in partitions, leases over partitions, as the bundled
 * databases do it. It also watches the engine: what a store may trust it to do is checked, see `violations`.
 */
export class StoreModel {
  readonly now: () => number;
  readonly partitions: number;
  /** The most partitions that one lease takes. */
  partitionsPerLease: number;
  readonly rows: Map<string, Row> = new Map();
  readonly holders: Map<number, Holder> = new Map();
  readonly recorded: Recorded[] = [];
  /** What the engine did that the contract rules out. */
  readonly violations: string[] = [];
  /** The next settle or renewal reports that others wait. */
  wanted = false;
  #position = 0;

  constructor(now: () => number, partitions: number) {
    this.now = now;
    this.partitions = partitions;
    this.partitionsPerLease = partitions;
  }

  append(messages: readonly NewMessage[]): void {
    for (const content of messages) {
      const key = content.key === null ? `#${content.id}` : `${content.topic}\0${content.key}`;
      const position = ++this.#position;
      const availableAtMs = content.availableAt?.getTime() ?? this.now();
      const partition = partitionOf(key, this.partitions);
      const state = {
        attempts: 0,
        availableAtMs,
        phase: 'fresh',
        undecodable: null,
        yieldedTo: null,
        suspect: false,
      } as const;
      this.rows.set(content.id, { position, content, key, partition, ...state });
    }
  }

  claim(request: ClaimRequest): Lease | null {
    const due = new Set(this.#due(request.topics).map((row) => row.partition));
    const [first, ...rest] = this.#free().toSorted((a, b) => Number(due.has(b)) - Number(due.has(a)));
    if (first === undefined || !due.has(first)) return null;
    const taken = [first, ...rest].slice(0, this.partitionsPerLease);
    this.#take(taken, request.token, request.leaseMs);
    return { token: request.token, state: taken };
  }

  widen(lease: Lease, leaseMs: number): Lease {
    const free = this.#free();
    this.#take(free, lease.token, leaseMs);
    return { token: lease.token, state: [...(lease.state as readonly number[]), ...free] };
  }

  read(lease: Lease, request: ReadRequest): ClaimedMessage[] {
    const unsettled = [...this.rows.values()].filter((row) => row.yieldedTo === lease.token);
    if (unsettled.length > 0 && this.#holds(lease)) {
      this.violations.push(`read while ${unsettled.length} messages of the read before are unsettled`);
    }
    if (request.messages < 1) this.violations.push(`read of ${request.messages} messages`);
    if (request.topics.kind === 'names' && request.topics.names.length === 0) {
      this.violations.push('read without any topic');
    }
    const due = this.#due(request.topics).filter(
      (row) => this.holders.get(row.partition)?.token === lease.token,
    );
    const suspect = due.find((row) => row.suspect);
    if (suspect !== undefined) {
      // What stands before it in its key comes first.
      const first = due.find((row) => row.key === suspect.key) as Row;
      if (first.suspect) first.attempts++;
      return [this.#yield(first, lease.token, first.attempts + (first.suspect ? 0 : 1))];
    }
    const messages: ClaimedMessage[] = [];
    let bytes = 0;
    for (const row of due) {
      bytes += payloadBytes(row.content.payload);
      if (messages.length === request.messages || (messages.length > 0 && bytes > request.bytes)) break;
      messages.push(this.#yield(row, lease.token, row.attempts + 1));
    }
    return messages;
  }

  #yield(row: Row, token: string, attempt: number): ClaimedMessage {
    row.yieldedTo = token;
    const { availableAt: _, ordering: __, ...content } = row.content;
    return { ...asMessage(content), attempt, undecodable: row.undecodable, ref: row };
  }

  settle(lease: Lease, settlements: Settlements): SettleReport {
    const report = {
      settled: 0,
      alreadySettled: [] as string[],
      lost: [] as string[],
      unknown: [] as string[],
    };
    const each = (claimed: ClaimedMessage, outcome: Omit<Recorded, 'id' | 'atMs'>): Row | null => {
      const row = claimed.ref as Row;
      if (this.holders.get(row.partition)?.token !== lease.token) report.lost.push(claimed.id);
      else if (row.yieldedTo !== lease.token) report.alreadySettled.push(claimed.id);
      else {
        row.yieldedTo = null;
        report.settled++;
        this.recorded.push({ id: claimed.id, atMs: this.now(), ...outcome });
        return row;
      }
      return null;
    };
    for (const claimed of settlements.accepted) {
      if (each(claimed, { outcome: 'accepted' }) !== null) this.rows.delete(claimed.id);
    }
    for (const { message, delayMs, error } of settlements.retry) {
      if (!(delayMs >= 0)) this.violations.push(`retry after ${delayMs} ms`);
      const row = each(message, { outcome: 'retry', delayMs, error });
      if (row === null) continue;
      row.attempts = message.attempt;
      row.suspect = false;
      row.phase = 'retry';
      row.availableAtMs = this.now() + delayMs;
    }
    for (const { message, reason, error, block } of settlements.dead) {
      const row = each(message, { outcome: 'dead', reason, error });
      if (row !== null && block) row.phase = 'blocked';
      else if (row !== null) this.rows.delete(message.id);
    }
    for (const claimed of settlements.returned) {
      const row = each(claimed, { outcome: 'returned' });
      if (row?.suspect === true) row.attempts--;
    }
    return { ...report, wanted: this.#tellWanted() };
  }

  renew(lease: Lease, leaseMs: number): RenewReport | null {
    if (!this.#holds(lease)) return null;
    const held = this.partitionsOf(lease.token).map((partition) => this.holders.get(partition) as Holder);
    for (const holder of held) holder.expiresAtMs = this.now() + leaseMs;
    return { lease, wanted: this.#tellWanted() };
  }

  release(token: string): boolean {
    let freed = false;
    for (const partition of this.partitionsOf(token)) {
      const holder = this.holders.get(partition) as Holder;
      freed ||= !holder.released;
      holder.released = true;
    }
    for (const row of this.rows.values()) if (row.yieldedTo === token) row.yieldedTo = null;
    return freed;
  }

  /** The partitions held under a token, also after its end. */
  partitionsOf(token: string): number[] {
    return [...this.holders].filter(([, holder]) => holder.token === token).map(([partition]) => partition);
  }

  /** Another relay takes over everything, as after the end of the leases. */
  takeAway(leaseMs = 10_000): void {
    for (const partition of this.holders.keys()) {
      this.holders.set(partition, { token: 'thief', expiresAtMs: this.now() + leaseMs, released: false });
    }
  }

  /** Whether somebody holds anything. */
  get held(): boolean {
    return [...this.holders.keys()].some((partition) => this.#liveHolder(partition) !== undefined);
  }

  /** Ids that were recorded with an outcome, in order. */
  ids(outcome: Recorded['outcome']): string[] {
    return this.recorded.filter((entry) => entry.outcome === outcome).map((entry) => entry.id);
  }

  #free(): number[] {
    const all = Array.from({ length: this.partitions }, (_, partition) => partition);
    return all.filter((partition) => this.#liveHolder(partition) === undefined);
  }

  /** What was read under an earlier lease and not settled is available again, and may be what ended its relay. */
  #take(partitions: readonly number[], token: string, leaseMs: number): void {
    const taken = new Set(partitions);
    for (const row of this.rows.values()) {
      if (!taken.has(row.partition) || row.yieldedTo === null) continue;
      row.yieldedTo = null;
      row.suspect = true;
    }
    for (const partition of taken) {
      this.holders.set(partition, { token, expiresAtMs: this.now() + leaseMs, released: false });
    }
  }

  #tellWanted(): boolean {
    const { wanted } = this;
    this.wanted = false;
    return wanted;
  }

  #holds(lease: Lease): boolean {
    const held = lease.state as readonly number[];
    return held.every((partition) => {
      const holder = this.holders.get(partition);
      return holder?.token === lease.token && !holder.released;
    });
  }

  #liveHolder(partition: number): Holder | undefined {
    const holder = this.holders.get(partition);
    return holder === undefined || holder.released || holder.expiresAtMs <= this.now() ? undefined : holder;
  }

  /** Everything that may be published now, in order of position. */
  #due(topics: TopicFilter): Row[] {
    const due: Row[] = [];
    const waiting = new Set<string>();
    for (const row of this.rows.values()) {
      if (waiting.has(row.key)) continue;
      if (row.phase === 'blocked') waiting.add(row.key);
      else if (row.availableAtMs > this.now()) {
        if (row.phase === 'retry') waiting.add(row.key);
      } else if (topics.matches(row.content.topic)) due.push(row);
    }
    return due;
  }
}

function partitionOf(key: string, partitions: number): number {
  let hash = 0;
  for (const character of key) hash = (Math.imul(hash, 31) + (character.codePointAt(0) as number)) | 0;
  return Math.abs(hash) % partitions;
}
