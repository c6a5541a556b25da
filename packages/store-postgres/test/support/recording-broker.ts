import { ACCEPTED, type Message, type PublishResult, type Transport } from '@outrelay/core';

/** A broker in memory that keeps what it accepts, in the order it came. */
export class RecordingBroker implements Transport {
  readonly spec = 1 as const;
  readonly name = 'recording';
  readonly capabilities = {
    batchOrder: 'key',
    confirmation: 'received',
    deduplication: 'consumer',
    limits: { maxMessages: 1_000, maxBatchBytes: 100_000_000, maxPayloadBytes: 100_000_000 },
  } as const;
  readonly received: Message[] = [];
  /** What becomes of a message. Default: it is accepted. */
  outcome: (message: Message) => PublishResult = () => ACCEPTED;

  async publish(messages: readonly Message[]): Promise<readonly PublishResult[]> {
    const blocked = new Set<string>();
    return messages.map((message) => {
      const key = `${message.topic}\0${message.key ?? message.id}`;
      if (blocked.has(key)) return { status: 'withheld' };
      const result = this.outcome(message);
      if (result.status === 'accepted') this.received.push(message);
      else blocked.add(key);
      return result;
    });
  }

  async close(): Promise<void> {}

  /** The payloads of first deliveries by key, as numbers, in the order they came. */
  numbersByKey(): Map<string, number[]> {
    const seen = new Set<string>();
    const byKey = new Map<string, number[]>();
    for (const { id, key, payload } of this.received) {
      if (seen.has(id)) continue;
      seen.add(id);
      const name = key ?? '';
      byKey.set(name, [...(byKey.get(name) ?? []), Number(payload)]);
    }
    return byKey;
  }

  /** How many different messages came. */
  get distinct(): number {
    return new Set(this.received.map(({ id }) => id)).size;
  }
}
