import { parseStreamEntry } from '@outrelay/transport-redis';
import type { Redis } from 'ioredis';
import { orderNumber } from '../rig/order.ts';

const PAGE = 2_000;

/**
 * Reads a stream from its beginning, counts what arrives, and drops it there.
 *
 * Orders are numbered through, and key `n % keys` belongs to order `n`: the next first delivery of a key is known, so
 * loss and disorder show at once, in constant memory.
 */
export class StreamConsumer {
  readonly #client: Redis;
  readonly #stream: string;
  readonly #keys: number;
  /** The highest number that has arrived, by key. */
  readonly #last: number[];
  #cursor = '0-0';
  /** Orders that have arrived. */
  arrived = 0;
  duplicates = 0;
  /** Arrivals that were not the next of their key, as texts; at most some. */
  readonly faults: string[] = [];

  constructor(client: Redis, stream: string, keys: number) {
    this.#client = client;
    this.#stream = stream;
    this.#keys = keys;
    this.#last = Array.from({ length: keys }, (_, key) => key - keys);
    // Numbers begin with 1: the first of key 0 is the number of keys.
    this.#last[0] = 0;
  }

  /** Takes what has come; answers whether there was anything. */
  async poll(): Promise<boolean> {
    const replies = await this.#client.xreadBuffer(
      'COUNT',
      PAGE,
      'BLOCK',
      500,
      'STREAMS',
      this.#stream,
      this.#cursor,
    );
    const entries = replies?.[0]?.[1] ?? [];
    for (const [, fields] of entries) this.#take(parseStreamEntry(fields).id);
    const last = entries.at(-1);
    if (last === undefined) return false;
    this.#cursor = last[0].toString();
    await this.#client.xtrim(this.#stream, 'MINID', this.#cursor);
    return true;
  }

  #take(id: string): void {
    const number = orderNumber(id);
    const key = ((number % this.#keys) + this.#keys) % this.#keys;
    const last = this.#last[key] ?? 0;
    if (number > 0 && number <= last) {
      this.duplicates++;
      return;
    }
    const expected = last + this.#keys;
    if (number !== expected && this.faults.length < 20)
      this.faults.push(`order ${number} of key ${key} arrived, order ${expected} was next`);
    this.#last[key] = number;
    this.arrived++;
  }
}
