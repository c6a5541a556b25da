import { ACCEPTED, type Message, type Transport } from '@outrelay/core';

/** A transport that remembers what reached it, in order. */
export class Ledger implements Transport {
  readonly spec = 1 as const;
  readonly name: string = 'ledger';
  readonly capabilities: Transport['capabilities'] = {
    batchOrder: 'key',
    confirmation: 'durable',
    deduplication: 'consumer',
    limits: { maxMessages: 50, maxBatchBytes: 10_000_000, maxPayloadBytes: 1_000_000 },
  };
  readonly arrived: Message[] = [];
  /** Called after each batch. */
  afterBatch: (arrived: number) => void = () => {};

  async publish(messages: readonly Message[]): Promise<readonly (typeof ACCEPTED)[]> {
    this.arrived.push(...messages);
    this.afterBatch(this.arrived.length);
    return messages.map(() => ACCEPTED);
  }

  async close(): Promise<void> {}

  /** Ids of first deliveries of a key, in order. */
  firstOf(key: string): readonly string[] {
    return [...new Set(this.arrived.filter((message) => message.key === key).map(({ id }) => id))];
  }
}
