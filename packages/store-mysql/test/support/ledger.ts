import type { Message, PublishResult, Transport } from '@outrelay/core';

/** What a broker has seen of a run: every delivery, and the first ones of each key in their order. */
export class Ledger {
  readonly #deliveries = new Map<string, number>();
  readonly #firsts = new Map<string, number[]>();
  /** Messages that were delivered at least once. */
  get delivered(): number {
    return this.#deliveries.size;
  }

  /** Numbers of first deliveries of each key, in the order in which they came. */
  get firsts(): ReadonlyMap<string, readonly number[]> {
    return this.#firsts;
  }

  note({ id, key, headers }: Message): void {
    const before = this.#deliveries.get(id) ?? 0;
    this.#deliveries.set(id, before + 1);
    if (before > 0 || key === null) return;
    const numbers = this.#firsts.get(key) ?? [];
    numbers.push(Number(headers['number']));
    this.#firsts.set(key, numbers);
  }
}

/** A transport that accepts everything into a ledger, unless `fate` says otherwise for a message. */
export function ledgerTransport(
  ledger: Ledger,
  fate: (message: Message) => PublishResult | undefined = () => undefined,
): Transport {
  return {
    spec: 1,
    name: 'ledger',
    capabilities: {
      batchOrder: 'key',
      confirmation: 'handed-over',
      deduplication: 'consumer',
      limits: { maxMessages: 1_000, maxBatchBytes: 64 * 1024 * 1024, maxPayloadBytes: 8 * 1024 * 1024 },
    },
    async publish(messages) {
      const held = new Set<string>();
      return messages.map((message) => {
        const name = `${message.topic}\0${message.key ?? message.id}`;
        if (held.has(name)) return { status: 'withheld' };
        const result = fate(message) ?? { status: 'accepted' };
        if (result.status === 'accepted') ledger.note(message);
        else held.add(name);
        return result;
      });
    },
    async close() {},
  };
}
