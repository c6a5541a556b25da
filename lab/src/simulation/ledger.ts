import type { DeadReason, PublishResult } from '@outrelay/core';
import type { Batch, Delivery, Row } from './rows.ts';

/** What becomes of one message, as somebody sees it who sees everything. */
interface Entry {
  readonly row: Pick<Row, 'position' | 'content' | 'orderKey'>;
  /** `gone`: a dead letter that holds nobody up, or dropped. */
  state: 'pending' | 'delivered' | 'gone';
  /** Attempts that count: failures, silences, and charges of the store for a relay that disappeared. */
  charges: number;
  /** The last delivery in which the broker stored it; forgotten when somebody redrives it. */
  last: Delivery | null;
  copies: number;
  settled: boolean;
  /** Whether it is about to become a dead letter without an attempt. */
  diesUntried: boolean;
}

/** What the policy of a topic allows. */
export interface Policy {
  readonly maxAttempts: number;
  readonly maxDelayMs: number;
  /** Whether a dead letter holds its key. */
  readonly blocks: boolean;
}

/** The world has come to something that must never be. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/**
 * Watches every step for what the specification of the relay rules out: loss, disorder, a settlement without a
 * delivery, a repeat that nothing explains, an attempt that did not take place. Throws {@link Violation} at once.
 */
export class Ledger {
  readonly #policyOf: (topic: string) => Policy;
  readonly #untroubled: boolean;
  readonly #entries = new Map<string, Entry>();
  readonly #keys = new Map<string, Entry[]>();
  /** Called with each violation before it is thrown: calls that a relay makes would else swallow it. */
  onBroken: (violation: Violation) => void = () => {};
  copies = 0;

  /**
   * @param policyOf - the policy of a topic
   * @param untroubled - whether nothing goes wrong, so that everything that is read can be published
   */
  constructor(policyOf: (topic: string) => Policy, untroubled: boolean) {
    this.#policyOf = policyOf;
    this.#untroubled = untroubled;
  }

  broken(text: string): never {
    const violation = new Violation(text);
    this.onBroken(violation);
    throw violation;
  }

  committed(row: Entry['row']): void {
    const entry: Entry = {
      row,
      state: 'pending',
      charges: 0,
      last: null,
      copies: 0,
      settled: false,
      diesUntried: false,
    };
    this.#entries.set(row.content.id, entry);
    const key = this.#keys.get(row.orderKey) ?? [];
    if (key.length === 0) this.#keys.set(row.orderKey, key);
    // Positions are drawn before the commit.
    const at = key.findIndex((other) => other.row.position > row.position);
    key.splice(at === -1 ? key.length : at, 0, entry);
  }

  yielded(delivery: Delivery): void {
    this.#of(delivery.row.content.id).diesUntried = this.#diesUntried(delivery);
  }

  /** R2.1, R2.2: what a relay hands to a transport in one call. */
  publishing(deliveries: readonly Delivery[], keepsOrder: boolean): void {
    for (const delivery of deliveries) {
      const { row, batch } = delivery;
      if (delivery.published) this.broken(`${row.content.id} is published twice in one read`);
      const { last } = this.#of(row.content.id);
      // A relay whose lease was taken away does not know yet that another one has delivered what it is holding.
      const knows = delivery.excuse === null && last?.excuse === null && !last.session.cutShort;
      if (knows)
        this.broken(
          `${row.content.id} is sent again although its delivery was known and could be recorded (R1.1)`,
        );
      if (row.content.headers['undecodable'] !== undefined)
        this.broken(`${row.content.id} cannot be decoded`);
      for (const earlier of earlierOfKey(batch, delivery)) {
        if (keepsOrder && deliveries.includes(earlier)) continue;
        if (isStored(earlier.answer) || this.#diesUntried(earlier)) continue;
        this.broken(
          `${row.content.id} is published although ${earlier.row.content.id} was not accepted (R2.2)`,
        );
      }
    }
    for (const delivery of deliveries) delivery.published = true;
  }

  /** The broker stores a message. */
  stored(delivery: Delivery): void {
    const entry = this.#of(delivery.row.content.id);
    entry.last = delivery;
    entry.copies++;
    this.copies++;
    if (entry.state !== 'pending') return;
    for (const earlier of this.#keys.get(entry.row.orderKey) ?? []) {
      if (earlier === entry) break;
      if (earlier.state !== 'pending' || isScheduled(earlier) || earlier.diesUntried) continue;
      this.broken(`${entry.row.content.id} is delivered before ${earlier.row.content.id} of its key`);
    }
    entry.state = 'delivered';
  }

  /** The relay learns what became of a message; the call as a whole may have failed. */
  answered(delivery: Delivery, answer: PublishResult): void {
    delivery.answer = answer;
    if (isStored(answer)) return;
    if (answer.status === 'failed' || answer.status === 'unknown') this.charged(delivery.row);
    delivery.excuse ??= answer.status;
  }

  charged(row: Row): void {
    this.#of(row.content.id).charges++;
  }

  uncharged(row: Row): void {
    this.#of(row.content.id).charges--;
  }

  accepted(delivery: Delivery): void {
    const { id } = delivery.row.content;
    const entry = this.#of(id);
    if (entry.copies === 0)
      this.broken(`${id} is settled as accepted, and the broker does not have it (R1.2)`);
    if (!isStored(delivery.answer))
      this.broken(`${id} is settled as accepted without a word of the broker (R1.5)`);
    if (entry.settled) this.broken(`${id} is settled twice (R1.1)`);
    entry.settled = true;
    delivery.recorded = 'accepted';
  }

  retried(delivery: Delivery, attempt: number, delayMs: number): void {
    const { id, topic } = delivery.row.content;
    const { answer } = delivery;
    const { maxAttempts, maxDelayMs } = this.#policyOf(topic);
    if (answer?.status !== 'failed' && answer?.status !== 'unknown')
      this.broken(`${id} is to be retried after ${answer?.status ?? 'nothing'} (R1.5)`);
    if (attempt >= maxAttempts) this.broken(`${id} is to be tried more than ${maxAttempts} times (R3.3)`);
    if (attempt > this.#of(id).charges) this.broken(`${id} is charged an attempt that did not count (R4.1)`);
    const askedMs = answer.status === 'failed' ? (answer.retryAfterMs ?? 0) : 0;
    if (!(delayMs >= askedMs))
      this.broken(`${id} is to wait ${delayMs} ms, the broker asked for ${askedMs} (R3.2)`);
    if (delayMs > Math.max(maxDelayMs, askedMs)) this.broken(`${id} is to wait ${delayMs} ms (R3.1)`);
    delivery.recorded = 'retry';
  }

  died(delivery: Delivery, attempt: number, reason: DeadReason, block: boolean): void {
    const { id, topic, headers } = delivery.row.content;
    const entry = this.#of(id);
    const { maxAttempts } = this.#policyOf(topic);
    if (reason === 'rejected' && delivery.answer?.status !== 'rejected')
      this.broken(`${id} was not rejected (R3.4)`);
    if (reason === 'undecodable' && headers['undecodable'] === undefined)
      this.broken(`${id} can be decoded (R8.2)`);
    if (reason === 'attempts-exhausted' && (attempt < maxAttempts || entry.charges < maxAttempts))
      this.broken(`${id} is given up after ${entry.charges} of ${maxAttempts} attempts (R3.3)`);
    if (!block && entry.state === 'pending') entry.state = 'gone';
    delivery.recorded = 'dead';
  }

  returned(delivery: Delivery): void {
    if (isStored(delivery.answer))
      this.broken(`${delivery.row.content.id} was accepted and is settled as untried (R1.5)`);
    if (this.#untroubled)
      this.broken(`${delivery.row.content.id} is settled as untried, without any need (R5.2)`);
    delivery.recorded = 'returned';
  }

  /** Somebody has taken over the lease that the delivery belongs to. */
  superseded(delivery: Delivery): void {
    delivery.excuse ??= 'superseded';
  }

  /** Somebody makes a dead letter a message again. */
  redriven(id: string): void {
    Object.assign(this.#of(id), { charges: 0, last: null, settled: false });
  }

  /** Somebody drops a dead letter. */
  discarded(id: string): void {
    this.#of(id).state = 'gone';
  }

  /** R1.6: what a relay says became of a message. */
  heard(delivery: Delivery, outcome: 'accepted' | 'retry' | 'dead'): void {
    const { id } = delivery.row.content;
    if (delivery.reported) this.broken(`${id} is reported twice under one lease (R1.6)`);
    // A settle whose reply was lost is repeated, and the repetition is told that all is settled already.
    if (delivery.recorded !== outcome)
      this.broken(`${id} is reported as ${outcome}, recorded was ${delivery.recorded ?? 'nothing'} (R1.6)`);
    delivery.reported = true;
  }

  /** Everything that was committed and is neither delivered nor given up. */
  get missing(): readonly string[] {
    return [...this.#entries.values()]
      .filter(({ state }) => state === 'pending')
      .map(({ row }) => row.content.id);
  }

  /** What becomes a dead letter without an attempt, and lets later messages of its key pass. */
  #diesUntried({ row, attempt }: Delivery): boolean {
    const { headers, topic } = row.content;
    const { maxAttempts, blocks } = this.#policyOf(topic);
    return !blocks && (headers['undecodable'] !== undefined || attempt > maxAttempts);
  }

  #of(id: string): Entry {
    return this.#entries.get(id) ?? this.broken(`${id} was never committed`);
  }
}

function earlierOfKey(batch: Batch, delivery: Delivery): readonly Delivery[] {
  if (delivery.row.content.key === null) return [];
  const at = batch.deliveries.indexOf(delivery);
  return batch.deliveries.slice(0, at).filter((earlier) => earlier.row.orderKey === delivery.row.orderKey);
}

function isStored(result: PublishResult | null): boolean {
  return result?.status === 'accepted' || result?.status === 'duplicate';
}

function isScheduled({ row }: Entry): boolean {
  return row.content.availableAt !== null;
}
