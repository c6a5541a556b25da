import type { ConsumedMessage } from '../parking.ts';
import type { Rejection, SourceDelivery } from '../source.ts';
import { orderKey } from './receiver.ts';

/** A delivery that a consumer holds. */
export interface Held {
  /** `null` for what was redriven in the inbox: no broker waits for it. */
  readonly delivery: SourceDelivery | null;
  readonly message: ConsumedMessage | null;
  readonly redrives: number;
  /** Whether somebody had it in hands before: it is handled while nothing else is. */
  suspect: boolean;
  /** Whether attempts of it are on record. */
  counted: boolean;
  /** Set once it is to be rejected, and nothing else. */
  verdict: Omit<Rejection, 'delivery'> | null;
}

interface KeyLane {
  readonly held: Held[];
  /** What is being handled, with some of this lane in it; `null` while nothing of it is. */
  taken: readonly Held[] | null;
  /** Not before this time of the monotonic clock. */
  readyAtMs: number;
}

/**
 * What a consumer holds, so that messages of one topic and key are handled one after the other and others side by side.
 */
export class KeyLanes {
  readonly #ordered: boolean;
  readonly #lanes = new Map<string | Held, KeyLane>();
  #held = 0;

  /** @param ordered - whether keys keep order; else every delivery stands alone */
  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  /** How many deliveries are held, those being handled included. */
  get held(): number {
    return this.#held;
  }

  add(held: Held): void {
    const name = this.#nameOf(held);
    const lane = this.#lanes.get(name);
    if (lane === undefined) this.#lanes.set(name, { held: [held], taken: null, readyAtMs: 0 });
    else lane.held.push(held);
    this.#held++;
  }

  /**
   * Takes up to `limit` deliveries that may be handled now, in one transaction; none when there are none. Their keys
   * are busy until {@link KeyLanes.free} is called with the same answer.
   *
   * A suspect is taken alone, and only when nothing else is being handled; until then nothing new is begun.
   */
  take(limit: number, nowMs: number, idle: boolean): readonly Held[] {
    const ready = [...this.#lanes.values()].filter((lane) => lane.taken === null && lane.readyAtMs <= nowMs);
    const suspect = ready.find((lane) => lane.held[0]?.suspect === true);
    if (suspect !== undefined) return idle ? firstOf(suspect) : [];
    const taken: Held[] = [];
    for (const lane of ready) {
      for (const held of lane.held) {
        if (taken.length === limit || held.suspect || held.verdict !== null) break;
        taken.push(held);
      }
      if (taken.includes(lane.held[0] as Held)) lane.taken = taken;
      if (taken.length === limit) break;
    }
    if (taken.length > 0) return taken;
    const [judged] = ready;
    return judged === undefined ? [] : firstOf(judged);
  }

  /** Ends the handling of what was taken together: all of it, for what comes behind one must not pass another. */
  free(taken: readonly Held[]): void {
    for (const lane of this.#lanes.values()) if (lane.taken === taken) lane.taken = null;
  }

  /** Drops a delivery that is done with. */
  remove(held: Held): void {
    const name = this.#nameOf(held);
    const lane = this.#lanes.get(name);
    const at = lane?.held.indexOf(held) ?? -1;
    if (lane === undefined || at === -1) return;
    lane.held.splice(at, 1);
    this.#held--;
    if (lane.held.length === 0) this.#lanes.delete(name);
  }

  /** Makes the key of a delivery that stays wait. */
  keep(held: Held, readyAtMs: number): void {
    const lane = this.#lanes.get(this.#nameOf(held));
    if (lane !== undefined) lane.readyAtMs = Math.max(lane.readyAtMs, readyAtMs);
  }

  /** The next time at which something that waits may be handled; `null` when nothing waits. */
  nextReadyAtMs(nowMs: number): number | null {
    let next: number | null = null;
    for (const { taken, readyAtMs } of this.#lanes.values())
      if (taken === null && readyAtMs > nowMs && (next === null || readyAtMs < next)) next = readyAtMs;
    return next;
  }

  /** Lets go of everything that is not being handled, and answers with it. */
  letGo(): readonly Held[] {
    const gone = [...this.#lanes.values()].filter(({ taken }) => taken === null).flatMap((lane) => lane.held);
    for (const held of gone) this.remove(held);
    return gone;
  }

  #nameOf(held: Held): string | Held {
    if (!this.#ordered || held.message === null) return held;
    return orderKey(held.message) ?? held;
  }
}

/** Takes the first delivery of a lane alone. */
function firstOf(lane: KeyLane): readonly Held[] {
  lane.taken = lane.held.slice(0, 1);
  return lane.taken;
}
