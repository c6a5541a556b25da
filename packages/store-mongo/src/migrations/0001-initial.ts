import type { Collections } from '../collections.ts';

/** An index that a collection needs. */
export interface IndexSpec {
  readonly name: string;
  readonly key: Readonly<Record<string, 1>>;
}

/** Collections with their indexes beside that on `_id`. Made in advance: inside a transaction it is slow or refused. */
export function initial(names: Collections): Readonly<Record<string, readonly IndexSpec[]>> {
  const { messages, delayed, chains, partitions, wanted, deadLetters } = names;
  const { history, receipts, attempts, parked, positions, locks, schema } = names;
  return {
    [schema]: [],
    [messages]: [
      // What a relay reads that routes every topic, and one that routes some.
      { name: 'by_position', key: { partition_no: 1, position: 1, seq: 1 } },
      { name: 'by_topic', key: { topic: 1, partition_no: 1, position: 1, seq: 1 } },
      { name: 'by_id', key: { id: 1 } },
    ],
    [delayed]: [
      { name: 'by_chain', key: { chain: 1, position: 1, seq: 1 } },
      { name: 'by_time', key: { partition_no: 1, available_at: 1 } },
      { name: 'by_topic', key: { topic: 1 } },
      { name: 'by_id', key: { id: 1 } },
    ],
    [chains]: [
      { name: 'by_time', key: { partition_no: 1, available_at: 1 } },
      { name: 'by_topic', key: { topic: 1 } },
    ],
    [partitions]: [],
    [wanted]: [{ name: 'by_token', key: { token: 1 } }],
    [deadLetters]: [
      { name: 'by_topic', key: { topic: 1, resolved_at: 1 } },
      { name: 'by_id', key: { id: 1 } },
    ],
    [history]: [
      { name: 'by_time', key: { sent_at: 1 } },
      { name: 'by_id', key: { id: 1 } },
    ],
    [receipts]: [{ name: 'by_time', key: { recorded_at: 1 } }],
    [attempts]: [{ name: 'by_time', key: { charged_at: 1 } }],
    [parked]: [
      { name: 'by_delivery', key: { consumer: 1, id: 1 } },
      { name: 'by_time', key: { consumer: 1, available_at: 1 } },
    ],
    [positions]: [],
    [locks]: [],
  };
}
