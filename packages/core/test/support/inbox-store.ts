import type { Clock } from '../../src/clock.ts';
import type { ParkingFacet, ParkRequest } from '../../src/parking.ts';
import type { OutboxStore } from '../../src/store.ts';
import { STORE_CAPABILITIES } from './scripted-store.ts';

/** A transaction of an {@link InboxStore}: what it did so far. */
export interface InboxTx {
  readonly receipts: string[];
  readonly effects: string[];
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** The consuming half of a store, under the clock of a test. */
export class InboxStore {
  /** Effects that were committed, in order. */
  readonly effects: string[] = [];
  /** What each transaction came to. */
  readonly ended: ('commit' | 'rollback')[] = [];
  readonly attempts: Map<string, number> = new Map();
  readonly parked: Map<string, ParkRequest & { availableAtMs: number | null }> = new Map();
  readonly receipts: Set<string> = new Set();
  /** Thrown by every call while it is set. */
  outage: Error | null = null;
  /** Most transactions that were open at one time. */
  mostAtOnce = 0;
  readonly store: OutboxStore<InboxTx, 'async', never>;
  readonly #clock: Clock;
  /** Receipts of open transactions, and how to wait for their end. */
  readonly #recording = new Map<string, Promise<void>>();
  readonly #ends = new Map<string, () => void>();
  #open = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    const refuse = async (): Promise<never> => {
      throw new Error('only the consuming side of this store exists');
    };
    this.store = {
      spec: 1,
      name: 'inbox-model',
      capabilities: { ...STORE_CAPABILITIES, append: 'async' },
      append: refuse,
      claim: refuse,
      read: refuse,
      settle: refuse,
      renew: refuse,
      release: refuse,
      close: async () => {},
      transactions: { run: (work) => this.#run(work) },
      inbox: {
        record: async (tx, { consumer, messageId }) => {
          const receipt = `${consumer}/${messageId}`;
          if (tx.receipts.includes(receipt)) return false;
          while (this.#recording.has(receipt)) await this.#recording.get(receipt);
          if (this.receipts.has(receipt)) return false;
          tx.receipts.push(receipt);
          this.#recording.set(receipt, tx.ended);
          this.#ends.set(receipt, tx.end);
          return true;
        },
      },
      parking: this.#parking(),
    };
  }

  /** The parked message of a delivery. */
  parkedAt(consumer: string, id: string): ParkRequest | undefined {
    return this.parked.get(`${consumer}/${id}`);
  }

  /** The process that uses the store is gone: its open transactions roll back, and none of its calls returns. */
  crash(): void {
    for (const [receipt, end] of this.#ends) {
      this.#recording.delete(receipt);
      end();
    }
    this.#ends.clear();
  }

  async #run<T>(work: (tx: InboxTx) => Promise<T>): Promise<T> {
    this.#check();
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const tx: InboxTx = { receipts: [], effects: [], ended, end };
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
    try {
      const value = await work(tx);
      this.#check();
      for (const receipt of tx.receipts) this.receipts.add(receipt);
      this.effects.push(...tx.effects);
      this.ended.push('commit');
      return value;
    } catch (error) {
      this.ended.push('rollback');
      throw error;
    } finally {
      this.#open--;
      for (const receipt of tx.receipts) {
        this.#recording.delete(receipt);
        this.#ends.delete(receipt);
      }
      end();
    }
  }

  #check(): void {
    if (this.outage !== null) throw this.outage;
  }

  #parking(): ParkingFacet {
    const name = ({ consumer, messageId }: { consumer: string; messageId: string }): string =>
      `${consumer}/${messageId}`;
    const refuse = async (): Promise<never> => {
      throw new Error('this model does not need it');
    };
    return {
      charge: async (receipts) => {
        this.#check();
        return receipts.map((receipt) => {
          const delivery = name(receipt);
          const count = this.attempts.get(delivery) ?? 0;
          if (this.parked.get(delivery)?.availableAtMs === null) return { attempts: count, parked: true };
          this.attempts.set(delivery, count + 1);
          return { attempts: count + 1, parked: false };
        });
      },
      park: async (requests) => {
        this.#check();
        for (const request of requests) {
          const delivery = `${request.consumer}/${request.message.id}`;
          this.attempts.delete(delivery);
          this.parked.set(delivery, { ...request, availableAtMs: null });
        }
      },
      take: async ({ consumer, limit, holdMs }) => {
        this.#check();
        const nowMs = this.#clock.monotonicMs();
        const taken = [...this.parked.values()]
          .filter(
            (one) => one.consumer === consumer && one.availableAtMs !== null && one.availableAtMs <= nowMs,
          )
          .slice(0, limit);
        for (const one of taken) one.availableAtMs = nowMs + holdMs;
        return taken.map(({ message, redrives }) => ({ message, redrives }));
      },
      forget: async (receipts) => {
        this.#check();
        for (const receipt of receipts) {
          this.attempts.delete(name(receipt));
          if (this.parked.get(name(receipt))?.availableAtMs !== null) this.parked.delete(name(receipt));
        }
      },
      redrive: async () => {
        for (const [delivery, one] of this.parked)
          this.parked.set(delivery, {
            ...one,
            redrives: one.redrives + 1,
            availableAtMs: this.#clock.monotonicMs(),
          });
        return this.parked.size;
      },
      list: refuse,
      discard: refuse,
    };
  }
}
