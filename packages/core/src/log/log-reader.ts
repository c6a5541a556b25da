import type { SharingFacet, WakeupListener, WakeupSubscription } from '../facets.ts';
import type { ClaimedMessage } from '../message.ts';
import type { ClaimRequest, Lease, OutboxStore, ReadRequest, Settlements, SettleReport } from '../store.ts';
import { Following } from './following.ts';
import { HeldOrder } from './held-order.ts';
import type { LogFacet } from './log-facet.ts';
import type { WindowEntry } from './log-window.ts';
import type { PushSettings } from './push-options.ts';

/** The wait before an entry that others do not see yet is looked at again, in milliseconds. */
const EARLY_MS = 2;

/**
 * The reading side of a pushed store: messages of the log while it flows, of the tables where it does not.
 *
 * - `sweeping`: reads come from the tables, until one of them is empty. Begins with every lease, after every outcome
 *   that leaves a message in the outbox, and when `sweepMs` have passed.
 * - `pushed`: reads come from the log.
 *
 * An empty read of the tables is what makes the log safe to use: whatever is in the outbox then waits, is not seen yet,
 * or is known here as held. What the log brings afterwards was committed later. Entries that cannot go stay in the
 * tables, where a later sweep finds them, and hold the order of what follows them.
 */
export class LogReader {
  readonly #store: OutboxStore;
  readonly #log: LogFacet;
  readonly #settings: PushSettings;
  readonly #following: Following;
  readonly #held = new HeldOrder();
  readonly #listeners = new Set<WakeupListener>();
  /** Takes what other relays gave back, and gives nothing: what left the lease would have to leave the log. */
  readonly sharing: SharingFacet | undefined;
  /** Entries handed out and not settled. */
  #taken: readonly WindowEntry[] = [];
  #sweeping = true;
  #sweptAtMs = 0;
  /** The time of the log that the last empty read of the tables came after the start of. */
  #sweptGeneration = -1;
  #nextTryMs = 0;

  constructor(store: OutboxStore, log: LogFacet, settings: PushSettings) {
    this.#store = store;
    this.#log = log;
    this.#settings = settings;
    const { sharing } = store;
    this.sharing =
      sharing === undefined
        ? undefined
        : {
            handOver: async (lease) => lease,
            widen: async (lease, request) => {
              const wider = await sharing.widen(lease, request);
              // What came for the new part was left in the tables.
              if (wider !== lease) this.#sweeping = true;
              return wider;
            },
          };
    this.#following = new Following(log, settings, {
      wake: () => this.#tell((listener) => listener.wake()),
      lost: (error) => this.#tell((listener) => listener.lost(error)),
      restored: () => this.#tell((listener) => listener.restored()),
    });
  }

  /** Becomes the follower, or stands by with `null` while another relay is. */
  async claim(request: ClaimRequest): Promise<Lease | null> {
    if ((await this.#followNowAndThen()) === 'standby') return null;
    const lease = await this.#log.hold(request);
    if (lease === null) return null;
    this.#following.lease(true);
    this.#held.clear();
    this.#sweeping = true;
    return lease;
  }

  async read(lease: Lease, request: ReadRequest): Promise<readonly ClaimedMessage[]> {
    const { clock, sweepMs } = this.#settings;
    await this.#followNowAndThen();
    const { flows, generation } = this.#following;
    // What was committed while the log did not flow may be in no log at all.
    const isNew = generation !== this.#sweptGeneration;
    const sweeps = this.#sweeping || !flows || isNew || clock.monotonicMs() - this.#sweptAtMs >= sweepMs;
    if (sweeps || isTrial(request)) {
      const isAllSeen = await this.#droppedAreSeen(lease);
      const messages = await this.#store.read(lease, request);
      if (messages.length > 0) {
        this.#sweeping = true;
        return messages;
      }
      if (isTrial(request) || !isAllSeen) return messages;
      this.#sweeping = false;
      this.#sweptAtMs = clock.monotonicMs();
      if (flows) this.#sweptGeneration = generation;
      this.#held.swept(request.topics);
    }
    const isSwept = this.#following.flows && this.#following.generation === this.#sweptGeneration;
    return isSwept ? this.#fromLog(lease, request) : [];
  }

  async settle(lease: Lease, settlements: Settlements): Promise<SettleReport> {
    const report = await this.#store.settle(lease, settlements);
    const { retry, dead, returned } = settlements;
    // Whatever stays in the outbox, or stands for something there, goes on through the tables.
    if (retry.length > 0 || dead.length > 0 || returned.length > 0 || report.lost.length > 0)
      this.#sweeping = true;
    this.#following.done(this.#taken);
    this.#taken = [];
    return report;
  }

  async release(token: string): Promise<void> {
    this.#following.lease(false);
    this.#following.done(this.#taken);
    this.#taken = [];
    await this.#store.release(token);
  }

  async listen(listener: WakeupListener): Promise<WakeupSubscription> {
    this.#listeners.add(listener);
    return {
      close: async () => {
        this.#listeners.delete(listener);
      },
    };
  }

  async close(): Promise<void> {
    await this.#following.close();
  }

  /** Takes what the log has brought and what may go. */
  async #fromLog(lease: Lease, request: ReadRequest): Promise<readonly ClaimedMessage[]> {
    for (;;) {
      const waiting = this.#following.window.first(request);
      if (waiting.length === 0) return [];
      const { generation } = this.#following;
      const admissions = await this.#log.admit(
        lease,
        waiting.map(({ entry }) => entry),
      );
      // The log was lost meanwhile: these entries come again.
      if (generation !== this.#following.generation) return [];
      const early = admissions.indexOf('early');
      const known = this.#following.window.take(early === -1 ? waiting.length : early);
      const going = known.filter((waited, at) => {
        const { message } = waited.entry;
        const admission = admissions[at];
        if (admission === 'gone' || admission === 'elsewhere') return false;
        return !this.#held.keepsBack(message, admission === 'blocked', request.topics);
      });
      this.#following.done(known.filter((waited) => !going.includes(waited)));
      if (going.length > 0) {
        this.#taken = going;
        return going.map(({ entry }) => entry.message);
      }
      if (early !== -1) {
        this.#settings.clock.setTimer(EARLY_MS, () => this.#tell((listener) => listener.wake()));
        return [];
      }
    }
  }

  /** Whether readers of the tables see all that was dropped. Asked before they are read. */
  async #droppedAreSeen(lease: Lease): Promise<boolean> {
    const { dropped } = this.#following;
    if (dropped.length === 0) return true;
    const admissions = await this.#log.admit(lease, dropped);
    const unseen = new Set(dropped.filter((_, at) => admissions[at] === 'early'));
    const asked = new Set(dropped);
    this.#following.dropped = this.#following.dropped.filter(
      (entry) => unseen.has(entry) || !asked.has(entry),
    );
    return this.#following.dropped.length === 0;
  }

  async #followNowAndThen(): Promise<'follower' | 'standby' | 'polling'> {
    const { clock, standbyMs } = this.#settings;
    if (this.#following.started) return 'follower';
    if (clock.monotonicMs() < this.#nextTryMs) return this.#following.state;
    const state = await this.#following.start();
    this.#nextTryMs = clock.monotonicMs() + standbyMs;
    return state;
  }

  #tell(what: (listener: WakeupListener) => void): void {
    for (const listener of [...this.#listeners]) what(listener);
  }
}

/** A breaker's trial asks for one message of one topic, which the tables know best. */
function isTrial({ messages, topics }: ReadRequest): boolean {
  return messages === 1 && topics.kind === 'names' && topics.names.length === 1;
}
