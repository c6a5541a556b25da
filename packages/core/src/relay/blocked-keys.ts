import type { Message } from '../message.ts';

/** Keys of a batch of which nothing more may be sent after some message. A message without key is never blocked. */
export class BlockedKeys {
  /** Topic and key to the index of the message that stopped them; topics hold no NUL, so the name is unambiguous. */
  readonly #stops = new Map<string, number>();

  /** Nothing after the message at `index` may be sent. */
  block({ topic, key }: Message, index: number): void {
    if (key === null) return;
    const name = `${topic}\0${key}`;
    this.#stops.set(name, Math.min(index, this.#stops.get(name) ?? index));
  }

  has({ topic, key }: Message, index: number): boolean {
    if (this.#stops.size === 0 || key === null) return false;
    const stop = this.#stops.get(`${topic}\0${key}`);
    return stop !== undefined && index > stop;
  }
}
