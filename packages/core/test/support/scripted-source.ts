import type { ConsumedMessage } from '../../src/parking.ts';
import type { MessageSource, ReceiveRequest, Rejection, SourceDelivery } from '../../src/source.ts';
import { Script } from './script.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Verb = 'receive' | 'acknowledge' | 'reject' | 'release';

/** A broker under the clock of a test, with one group of consumers. */
export class ScriptedSource implements MessageSource {
  readonly spec = 1;
  readonly name = 'script';
  readonly capabilities = { redelivery: 'counted', rejected: 'kept' } as const;
  readonly script: Script<Verb>;
  /** What waits to be delivered. */
  readonly waiting: SourceDelivery[] = [];
  /** Places, in the order of the calls. */
  readonly acknowledged: string[] = [];
  readonly released: string[] = [];
  readonly rejected: Rejection[] = [];
  /** The sizes of calls of `acknowledge`. */
  readonly calls: number[] = [];
  /** The most deliveries that were out at one time. */
  mostOut = 0;
  readonly #clock: VirtualClock;
  #out = 0;
  #count = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.script = new Script<Verb>(clock, 1);
  }

  /** Puts a message behind what waits; answers with its place. */
  put(message: ConsumedMessage | null, deliveryCount = 1): string {
    const place = `e${++this.#count}`;
    const undecodable = message === null ? 'it is no message' : null;
    this.waiting.push({ message, undecodable, place, deliveryCount, ref: null });
    return place;
  }

  receive({ limit, waitMs }: ReceiveRequest, signal: AbortSignal): Promise<readonly SourceDelivery[]> {
    return this.script.play('receive', async () => {
      const endMs = this.#clock.monotonicMs() + waitMs;
      while (this.waiting.length === 0 && this.#clock.monotonicMs() < endMs && !signal.aborted)
        await this.#clock.sleep(1);
      if (signal.aborted) return [];
      const out = this.waiting.splice(0, limit);
      this.#out += out.length;
      this.mostOut = Math.max(this.mostOut, this.#out);
      return out;
    });
  }

  acknowledge(deliveries: readonly SourceDelivery[]): Promise<void> {
    return this.script.play('acknowledge', async () => {
      this.calls.push(deliveries.length);
      this.acknowledged.push(...deliveries.map(({ place }) => place));
      this.#out -= deliveries.length;
    });
  }

  reject(rejections: readonly Rejection[]): Promise<void> {
    return this.script.play('reject', async () => {
      this.rejected.push(...rejections);
      this.#out -= rejections.length;
    });
  }

  release(deliveries: readonly SourceDelivery[]): Promise<void> {
    return this.script.play('release', async () => {
      this.released.push(...deliveries.map(({ place }) => place));
      this.#out -= deliveries.length;
    });
  }

  async close(): Promise<void> {}
}
