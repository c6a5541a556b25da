import type { Message } from '../message.ts';
import type { TopicFilter } from '../topics.ts';

/**
 * Keys and topics whose order has moved from the log to the tables: an entry of theirs was left there, so later ones
 * must not pass it. An empty read of the tables, which asked for them, gives the order back.
 */
export class HeldOrder {
  readonly #keys = new Map<string, string>();
  readonly #topics = new Set<string>();

  /** Whether the message must stay in the tables; if so, what follows it stays there as well. */
  keepsBack(message: Pick<Message, 'topic' | 'key'>, blocked: boolean, asked: TopicFilter): boolean {
    const { topic, key } = message;
    if (this.#topics.has(topic)) return true;
    if (!asked.matches(topic)) {
      this.#topics.add(topic);
      return true;
    }
    if (key === null) return blocked;
    const name = `${topic}\0${key}`;
    if (!blocked && !this.#keys.has(name)) return false;
    this.#keys.set(name, topic);
    return true;
  }

  /** Nothing that was asked for is left in the tables, except what waits there and is seen when it blocks. */
  swept(asked: TopicFilter): void {
    for (const [name, topic] of this.#keys) if (asked.matches(topic)) this.#keys.delete(name);
    for (const topic of this.#topics) if (asked.matches(topic)) this.#topics.delete(topic);
  }

  clear(): void {
    this.#keys.clear();
    this.#topics.clear();
  }
}
