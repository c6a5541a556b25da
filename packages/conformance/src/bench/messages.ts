import type { Message, NewMessage } from '@outrelay/core';
import type { SeededRandom } from './random.ts';

/** Makes messages for clauses; what a clause does not name is drawn from the seed. */
export class MessageMaker {
  readonly #random: SeededRandom;
  #count = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /**
   * A message for a store. Its id ends with its number in the clause, so that a report can be read, and begins at
   * random, so that the order of ids is not the order of append.
   */
  stored(fields: Partial<NewMessage> = {}): NewMessage {
    return {
      id: this.#id(),
      topic: 'orders',
      key: null,
      headers: { 'x-seed': this.#random.hex(8) },
      payload: JSON.stringify({ n: this.#count }),
      contentType: 'application/json',
      availableAt: null,
      ordering: 'key',
      ...fields,
    };
  }

  /** So many messages, each with the same fields. */
  many(count: number, fields: Partial<NewMessage> = {}): NewMessage[] {
    return Array.from({ length: count }, () => this.stored(fields));
  }

  /** Two messages with the same fields. */
  pair(fields: Partial<NewMessage> = {}): [NewMessage, NewMessage] {
    return [this.stored(fields), this.stored(fields)];
  }

  /** Three messages with the same fields. */
  trio(fields: Partial<NewMessage> = {}): [NewMessage, NewMessage, NewMessage] {
    return [this.stored(fields), this.stored(fields), this.stored(fields)];
  }

  /** A message for a transport. */
  sent(topic: string, fields: Partial<Message> = {}): Message {
    const id = fields.id ?? this.#id();
    return {
      id,
      topic,
      key: null,
      headers: {},
      payload: JSON.stringify({ n: this.#count }),
      contentType: 'application/json',
      createdAt: new Date(),
      deduplicationId: id,
      ...fields,
    };
  }

  #id(): string {
    return `${this.#random.hex(6)}-m${++this.#count}`;
  }
}
