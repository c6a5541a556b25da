import type { ClaimedMessage } from '../message.ts';
import { Batch } from './batch.ts';
import type { Breaker } from './breaker.ts';
import type { Task } from './breaker-board.ts';
import type { RelayContext } from './context.ts';
import type { LanePace } from './lane-pace.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** How often a lane that keeps its lease looks for what others have given back, in milliseconds. */
const WIDEN_MS = 1_000;
/** Trials in vain take at most about one part in so many of a lane's time, however many breakers are half-open. */
const VAIN_PARTS = 10;

/**
 * What a turn of a lane came to.
 *
 * - `worked`: messages were read. - `vain`: a lease was taken, but nothing could be read under it.
 * - `idle`: there was nothing to take. - `failed`: the lane has to wait before it goes on.
 */
export type Turn = 'worked' | 'vain' | 'idle' | 'failed';

/** The work under one lease: (read → publish → settle)*, with hand-overs in between. */
export class LeaseWork {
  readonly #context: RelayContext;
  readonly #lane: number;
  readonly #pace: LanePace;
  readonly #keeper: LeaseKeeper;
  /** Breakers whose trial found nothing under this lease a moment ago: they must not keep the lane from the rest. */
  readonly #vain = new Set<Breaker>();
  #vainSinceMs = 0;
  #vainUntilMs = 0;
  #widenedAtMs: number;
  /** Messages whose outcome was refused, because another relay had taken over. */
  lost = 0;

  constructor(context: RelayContext, lane: number, pace: LanePace, keeper: LeaseKeeper) {
    this.#context = context;
    this.#lane = lane;
    this.#pace = pace;
    this.#keeper = keeper;
    this.#widenedAtMs = context.clock.monotonicMs();
  }

  /** Reads and delivers until there is nothing left, the lease ends or the relay has other plans. */
  async run(): Promise<Turn> {
    const { board, clock, control, settings, store } = this.#context;
    const mayLinger = this.#lane === 0 && control.goal === null;
    const lingerMs = mayLinger ? settings.lingerMs : 0;
    const stays = mayLinger && store.keepsLease === true;
    let worked = false;
    let lastWorkMs = clock.monotonicMs();
    while (this.#goesOn()) {
      const mark = control.pacing.mark();
      if (this.#keeper.wanted && !(await this.#handOver())) break;
      await this.#widenNowAndThen();
      const task = board.next(this.#vainTrials());
      if (task === null) break;
      const messages = await this.#read(task);
      if (messages === null) break;
      if (messages.length > 0) {
        worked = true;
        if (!(await this.#deliver(task, messages))) break;
        lastWorkMs = clock.monotonicMs();
        await this.#pace.letOthersRun();
      } else if (task.trial !== null) {
        this.#noteVain(task.trial);
      } else {
        if (!stays && (!worked || clock.monotonicMs() - lastWorkMs >= lingerMs)) break;
        await control.pacing.wait(mark, this.#pace.idle.nextMs());
      }
    }
    if (this.#pace.restMs > 0) return 'failed';
    return worked ? 'worked' : 'vain';
  }

  #goesOn(): boolean {
    const { control } = this.#context;
    return (
      control.state === 'running' && !control.exhausted && this.#keeper.usable && this.#pace.restMs === 0
    );
  }

  /** Publishes and settles one batch; answers whether the lease can be worked on. */
  async #deliver(task: Task, messages: readonly ClaimedMessage[]): Promise<boolean> {
    const { board, control } = this.#context;
    const batch = new Batch(this.#context, this.#lane, this.#keeper, task, messages);
    const outcome = await batch.deliver().finally(() => board.leaveTrial(task));
    this.lost += batch.lost;
    if (outcome === 'refused') this.#pace.refused(batch.refusal);
    if (outcome === 'refused' || outcome === 'lost') return false;
    this.#pace.succeeded();
    if (task.trial === null) this.#pace.size.learn(messages.length, batch.publishMs);
    // What comes back untouched would be read again at once, and again: not even a wake-up may shorten this wait,
    // because the relay's own settle may have caused it.
    if (outcome === 'returned') await control.rest(this.#pace.idle.nextMs());
    else this.#pace.idle.reset();
    // A settle that was given up would, when it is carried out late, settle what is read under its token since (R1.7).
    if (batch.repeated) return false;
    return !batch.wanted || this.#handOver();
  }

  /** Reads what the task allows; `null` when that was not possible. */
  async #read(task: Task): Promise<readonly ClaimedMessage[] | null> {
    const { store, board, control, settings } = this.#context;
    const goal = control.goal ?? { remaining: Number.POSITIVE_INFINITY };
    const count = Math.min(task.trial === null ? this.#pace.size.messages : 1, goal.remaining);
    // Lanes that drain side by side must not read more than the limit together.
    goal.remaining -= count;
    let unused = count;
    let messages: readonly ClaimedMessage[] | null = null;
    try {
      if (count > 0) {
        const request = { messages: count, bytes: settings.batch.bytes, topics: task.topics };
        messages = await store.read(this.#keeper.lease, request);
        unused -= messages.length;
        if (messages.length === count) control.backlog.wake();
      }
    } catch (error) {
      this.#pace.storeFailed('read', error);
    } finally {
      goal.remaining += unused;
      if (messages === null || messages.length === 0) board.leaveTrial(task);
    }
    return messages;
  }

  /** Gives a part of the lease to those who wait; answers whether something is left to work on. */
  async #handOver(): Promise<boolean> {
    const { store, control } = this.#context;
    const { sharing } = store;
    if (sharing === undefined) {
      this.#keeper.forgetWanted();
      return true;
    }
    try {
      const goesOn = await this.#keeper.change((lease) => sharing.handOver(lease));
      this.#keeper.forgetWanted();
      // Lanes of this relay that wait for a share need not wait for their next poll.
      control.pacing.wake();
      return goesOn;
    } catch (error) {
      this.#pace.storeFailed('hand-over', error);
      return false;
    }
  }

  /** Takes what has become free; a failure is no reason to give up what is held. */
  async #widenNowAndThen(): Promise<void> {
    const { store, settings, clock, emit } = this.#context;
    const { sharing } = store;
    if (sharing === undefined || clock.monotonicMs() - this.#widenedAtMs < WIDEN_MS) return;
    const request = { relay: settings.name, leaseMs: settings.leaseMs };
    try {
      await this.#keeper.change((lease) => sharing.widen(lease, request));
    } catch (error) {
      emit({ type: 'store-failed', during: 'widen', error, delayMs: WIDEN_MS });
    }
    this.#widenedAtMs = clock.monotonicMs();
  }

  #vainTrials(): ReadonlySet<Breaker> {
    if (this.#vain.size > 0 && this.#context.clock.monotonicMs() >= this.#vainUntilMs) this.#vain.clear();
    return this.#vain;
  }

  #noteVain(breaker: Breaker): void {
    const { clock, settings } = this.#context;
    const nowMs = clock.monotonicMs();
    if (this.#vain.size === 0) this.#vainSinceMs = nowMs;
    this.#vain.add(breaker);
    // From the last of them on: of many breakers the first would else be due again before the last was tried.
    this.#vainUntilMs = nowMs + Math.max(settings.poll.maxMs, (nowMs - this.#vainSinceMs) * VAIN_PARTS);
  }
}
