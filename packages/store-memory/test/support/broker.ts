import {
  ACCEPTED,
  type Message,
  OutboxError,
  type PublishResult,
  type Transport,
  WITHHELD,
} from '@outrelay/core';

/** A broker in the memory of the process that does as it is told. */
export interface Broker {
  readonly transport: Transport;
  /** What it has taken, in order, repeats included. */
  readonly taken: Message[];
  /** What becomes of a message; only what is accepted is taken. */
  outcome: (message: Message) => PublishResult;
  reachable: boolean;
  /** Waited for before a call is answered. */
  answering: () => Promise<void>;
  /** The most calls that were under way at one time. */
  mostAtOnce: number;
}

export function broker(): Broker {
  let underWay = 0;
  const made: Broker = {
    taken: [],
    outcome: () => ACCEPTED,
    reachable: true,
    answering: async () => {},
    mostAtOnce: 0,
    transport: {
      spec: 1,
      name: 'memory-broker',
      capabilities: {
        batchOrder: 'key',
        confirmation: 'received',
        deduplication: 'consumer',
        limits: { maxMessages: 1_000, maxBatchBytes: 10_000_000, maxPayloadBytes: 1_000_000 },
      },
      async publish(messages) {
        made.mostAtOnce = Math.max(made.mostAtOnce, ++underWay);
        try {
          await made.answering();
          if (!made.reachable) throw new OutboxError('TRANSPORT_UNAVAILABLE', 'The broker is down.');
          return take(made, messages);
        } finally {
          underWay--;
        }
      },
      close: async () => {},
    },
  };
  return made;
}

function take(made: Broker, messages: readonly Message[]): PublishResult[] {
  const stopped = new Set<string>();
  return messages.map((message) => {
    const key = message.key === null ? null : `${message.topic}\0${message.key}`;
    if (key !== null && stopped.has(key)) return WITHHELD;
    const result = made.outcome(message);
    if (result.status === 'accepted') made.taken.push(message);
    else if (key !== null) stopped.add(key);
    return result;
  });
}
