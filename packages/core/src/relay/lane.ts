import type { Lease } from '../store.ts';
import type { RelayContext } from './context.ts';
import { LanePace } from './lane-pace.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { LeaseWork, type Turn } from './lease-work.ts';

/** Claims in vain after which a lane besides the first waits for the next sign of a backlog. */
const SIDE_LANE_PATIENCE = 6;

/**
 * One loop of a relay: claim → (read → publish → settle)* → release.
 *
 * Lane 0 looks for work all the time. The others help: they sleep until some lane reads a full batch, or takes one
 * lease with work after the other.
 */
export class Lane {
  readonly #context: RelayContext;
  readonly #index: number;
  readonly #pace: LanePace;

  constructor(context: RelayContext, index: number) {
    this.#context = context;
    this.#index = index;
    this.#pace = new LanePace(context, index);
  }

  /** Resolves when the relay stops, or when a drain has nothing left for this lane. Never rejects. */
  async run(): Promise<void> {
    const { control } = this.#context;
    const helps = this.#index > 0 && control.goal === null;
    let vain = helps ? SIDE_LANE_PATIENCE : 0;
    let worked = false;
    while (!control.stopping) {
      await this.#pace.letOthersRun();
      const mark = control.pacing.mark();
      const backlogMark = control.backlog.mark();
      if (control.state === 'paused') {
        await control.pacing.wait(mark, Number.POSITIVE_INFINITY);
        continue;
      }
      if (helps && vain >= SIDE_LANE_PATIENCE) {
        vain = 0;
        await control.backlog.wait(backlogMark, Number.POSITIVE_INFINITY);
        continue;
      }
      const turn = await this.#turn();
      if (turn === 'worked' && worked) control.backlog.wake();
      worked = turn === 'worked';
      vain = worked ? 0 : vain + 1;
      if (this.#hasDrained(turn)) return;
      await this.#waitAfter(turn, mark);
    }
  }

  /** Takes a lease and works under it. */
  async #turn(): Promise<Turn> {
    this.#pace.restMs = 0;
    try {
      return await this.#claimAndWork();
    } catch (error) {
      this.#pace.laneFailed(error);
      return 'failed';
    }
  }

  async #waitAfter(turn: Turn, mark: number): Promise<void> {
    const { control } = this.#context;
    if (turn === 'failed') await control.rest(this.#pace.restMs);
    // The release of a lease may wake the relay that released it: only the clock ends this wait.
    else if (turn === 'vain') await control.rest(this.#pace.idle.nextMs());
    else if (turn === 'idle') await control.pacing.wait(mark, this.#pace.idle.nextMs());
  }

  /** Whether a drain has nothing left for this lane. What other lanes hold may still come back. */
  #hasDrained(turn: Turn): boolean {
    const { goal, leases, exhausted } = this.#context.control;
    return goal !== null && (exhausted || (leases === 0 && (turn === 'idle' || turn === 'vain')));
  }

  async #claimAndWork(): Promise<Turn> {
    const { store, board, clock, control, settings, token: newToken, emit } = this.#context;
    const topics = board.claimable();
    if (topics === null || control.exhausted) return 'idle';
    const token = newToken();
    const requestedAtMs = clock.monotonicMs();
    let lease: Lease | null;
    try {
      lease = await store.claim({ token, relay: settings.name, leaseMs: settings.leaseMs, topics });
    } catch (error) {
      // The claim may have succeeded before its reply was lost.
      await this.#release(token);
      this.#pace.storeFailed('claim', error);
      return 'failed';
    }
    if (lease === null) {
      this.#pace.answered();
      return 'idle';
    }
    control.leases++;
    emit({ type: 'lease-granted', lane: this.#index });
    const observer = {
      renewFailed: (error: unknown, delayMs: number): void =>
        emit({ type: 'store-failed', during: 'renew', error, delayMs }),
    };
    const keeper = new LeaseKeeper(store, clock, observer, lease, settings.leaseMs, requestedAtMs);
    const work = new LeaseWork(this.#context, this.#index, this.#pace, keeper);
    try {
      return await work.run();
    } finally {
      await keeper.close();
      if (keeper.lost) emit({ type: 'lease-lost', lane: this.#index, unsettled: work.lost });
      // By token, so that it is safe when a part of the lease, or all of it, was lost.
      await this.#release(token);
      control.leases--;
      emit({ type: 'lease-released', lane: this.#index });
    }
  }

  async #release(token: string): Promise<void> {
    try {
      await this.#context.store.release(token);
    } catch (error) {
      // The lease ends by itself.
      this.#context.emit({ type: 'store-failed', during: 'release', error, delayMs: 0 });
    }
  }
}
