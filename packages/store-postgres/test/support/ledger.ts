import { ACCEPTED, type Message, type Transport } from '@outrelay/core';

/** A broker in memory that remembers what came, across any number of relays. */
export class Ledger {
  readonly received: Message[] = [];

  /** A transport of one relay; `beforeEach` runs before a batch is taken. */
  transport(beforeEach: () => Promise<void> = async () => {}): Transport {
    return {
      spec: 1,
      name: 'ledger',
      capabilities: {
        batchOrder: 'key',
        confirmation: 'handed-over',
        deduplication: 'consumer',
        limits: { maxMessages: 1_000, maxBatchBytes: 1_000_000, maxPayloadBytes: 1_000_000 },
      },
      publish: async (messages) => {
        await beforeEach();
        this.received.push(...messages);
        return messages.map(() => ACCEPTED);
      },
      close: async () => {},
    };
  }

  /** Ids in the order of their first arrival, by key. */
  firstsByKey(): ReadonlyMap<string, readonly string[]> {
    const seen = new Set<string>();
    const firsts = new Map<string, string[]>();
    for (const { id, key } of this.received) {
      if (seen.has(id)) continue;
      seen.add(id);
      const name = key ?? '';
      firsts.set(name, [...(firsts.get(name) ?? []), id]);
    }
    return firsts;
  }
}
