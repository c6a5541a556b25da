import { isRetryable } from '../errors.ts';
import type { ClaimedMessage } from '../message.ts';
import type { Settlements, SettleReport } from '../store.ts';
import { type PublishResult, WITHHELD } from '../transport.ts';
import type { Task } from './breaker-board.ts';
import type { RelayContext } from './context.ts';
import { type Decision, decide, triage } from './decide.ts';
import { type Dispatched, dispatch } from './dispatch.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { Backoff } from './pacing.ts';
import type { PublishScope } from './publish.ts';
import { reportBatch } from './report.ts';

/** Waits between attempts to record outcomes, in milliseconds. */
const SETTLE_WAITS = { minMs: 50, maxMs: 2_000 };
/** How long, after messages failed together, each that failed before goes alone: as long as a wait for a retry. */
const RETRIES_ALONE_MS = 600_000;
/** Refusals of a settle that repeating does not cure, after which the batch is left to be delivered again. */
const MAX_HARD_FAILURES = 3;

/**
 * What became of a batch: `settled`, `returned` when not one message was tried, `lost` when another relay had taken
 * over, `refused` when the store would not record it.
 */
export type BatchOutcome = 'settled' | 'returned' | 'lost' | 'refused';

/**
 * One batch on its way: read → published → settled.
 *
 * Nothing else is read under the lease before the outcome of every message is recorded or known to be refused: a
 * settle whose own outcome is unknown is repeated, which is safe because the token names the lease.
 */
export class Batch {
  readonly #context: RelayContext;
  readonly #lane: number;
  readonly #keeper: LeaseKeeper;
  readonly #task: Task;
  readonly #messages: readonly ClaimedMessage[];
  readonly #readAtMs: number;
  /** Messages that may be with a broker while their outcome is not recorded. */
  #exposed = 0;
  /** Milliseconds that publishing took. */
  publishMs = 0;
  /** Whether others wait for a part of the lease. */
  wanted = false;
  /** Messages whose outcome was refused, because another relay had taken over. */
  lost = 0;
  /** Whether a settle went without an answer: it may still be carried out, at any time. */
  repeated = false;
  /** Why the store would not record the outcomes. */
  refusal: unknown = null;

  constructor(
    context: RelayContext,
    lane: number,
    keeper: LeaseKeeper,
    task: Task,
    messages: readonly ClaimedMessage[],
  ) {
    this.#context = context;
    this.#lane = lane;
    this.#keeper = keeper;
    this.#task = task;
    this.#messages = messages;
    this.#readAtMs = context.clock.monotonicMs();
  }

  async deliver(): Promise<BatchOutcome> {
    try {
      return await this.#deliver();
    } finally {
      this.#expose(0);
    }
  }

  async #deliver(): Promise<BatchOutcome> {
    const { clock, emit } = this.#context;
    const decision = await this.#publish();
    const publishedAtMs = clock.monotonicMs();
    this.publishMs = publishedAtMs - this.#readAtMs;
    const report = await this.#settle(decision.settlements);
    if (report === null) return 'refused';
    this.wanted = report.wanted;
    this.lost = report.lost.length;
    const times = { publishMs: this.publishMs, settleMs: clock.monotonicMs() - publishedAtMs };
    reportBatch(emit, this.#lane, decision, report, times);
    if (this.lost > 0) {
      this.#keeper.markLost();
      return 'lost';
    }
    return decision.settlements.returned.length === this.#messages.length ? 'returned' : 'settled';
  }

  async #publish(): Promise<Decision> {
    const { policies, unit } = this.#context;
    const { sendable, dead, returned } = triage(this.#messages, policies);
    const results = await this.#dispatch(sendable);
    const decision = decide(sendable, results, policies, unit);
    if (dead.length === 0) return decision;
    const { settlements, duplicates } = decision;
    return {
      settlements: {
        ...settlements,
        dead: [...dead, ...settlements.dead],
        returned: [...returned, ...settlements.returned],
      },
      duplicates,
    };
  }

  async #dispatch(messages: readonly ClaimedMessage[]): Promise<readonly PublishResult[]> {
    const { routes, clock, control, settings, board } = this.#context;
    if (messages.length === 0) return [];
    const keeper = this.#keeper;
    const scope: PublishScope = {
      signals: [keeper.signal, control.abandoned],
      clock,
      timeoutMs: settings.publishTimeoutMs,
      mayBegin: () => keeper.usable && !control.abandoned.aborted,
      retriesAlone: clock.monotonicMs() < control.retriesAloneUntilMs,
    };
    this.#expose(messages.length);
    const dispatched = await dispatch(routes, messages, scope);
    const { results, unavailable } = dispatched;
    this.#expose(results.filter((result) => result.status !== 'withheld').length);
    // What the relay itself cut short says nothing about the message, nor about the broker.
    const cutShort = keeper.signal.aborted || control.abandoned.aborted;
    if (!cutShort) board.record(messages, results);
    if (dispatched.collateral && !cutShort)
      control.retriesAloneUntilMs = clock.monotonicMs() + RETRIES_ALONE_MS;
    for (const { transport, error } of unavailable) board.unavailable(transport, error);
    return cutShort ? this.#uncharged(results) : (this.#chargedTrial(dispatched) ?? results);
  }

  #uncharged(results: readonly PublishResult[]): readonly PublishResult[] {
    const { control } = this.#context;
    const unknown = results.filter((result) => result.status === 'unknown').length;
    if (control.abandoned.aborted) control.abandonedMessages += unknown;
    return results.map((result) => (result.status === 'unknown' ? WITHHELD : result));
  }

  /**
   * The message of a transport's trial was alone on a connection that had just been found working: losing that one is
   * its own doing. `null` for everything else.
   */
  #chargedTrial({ unavailable }: Dispatched): readonly PublishResult[] | null {
    const { trial } = this.#task;
    const [failure] = unavailable;
    if (trial === null || trial.scope.topic !== null || failure === undefined) return null;
    return failure.transport.connectivity === undefined ? null : [{ status: 'failed', error: failure.error }];
  }

  /** Records outcomes until the store has answered; `null` when the relay ends or the store refuses for good. */
  async #settle(settlements: Settlements): Promise<SettleReport | null> {
    const { store, control, emit, unit } = this.#context;
    const backoff = new Backoff(SETTLE_WAITS, unit);
    let hardFailures = 0;
    for (;;) {
      try {
        return await store.settle(this.#keeper.lease, settlements);
      } catch (error) {
        this.refusal = error;
        this.repeated = true;
        if (!isRetryable(error)) hardFailures++;
        const delayMs = backoff.nextMs();
        emit({ type: 'store-failed', during: 'settle', error, delayMs });
        if (control.abandoned.aborted) {
          control.abandonedMessages += this.#exposed;
          return null;
        }
        if (hardFailures >= MAX_HARD_FAILURES) return null;
        await control.restUntilAbandoned(delayMs);
      }
    }
  }

  #expose(count: number): void {
    this.#context.control.exposed += count - this.#exposed;
    this.#exposed = count;
  }
}
