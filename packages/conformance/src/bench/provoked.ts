import type { Message } from '@outrelay/core';
import type { Provocation } from '../harness/transport-powers.ts';
import type { TransportBench } from './transport-bench.ts';

type FaultPower =
  | 'provokeRejection'
  | 'provokeFailure'
  | 'provokeThrottling'
  | 'provokeSilence'
  | 'provokeHang';

/** A message that the broker will treat badly, and messages that it will not. */
export interface Provoked {
  readonly bad: Message;
  /** Of other keys, and of another topic where the whole topic is treated badly. */
  readonly neighbours: readonly Message[];
  /** The topic in which others pass. */
  readonly healthyTopic: string;
  /** Whether the payload is what provokes the broker, and must stay. */
  readonly keepsPayload: boolean;
  readonly scope: Provocation['scope'];
  readonly lift: () => Promise<void>;
}

/** Has the broker told to treat a message of the topic badly; makes the message and so many healthy ones. */
export async function provoked(
  bench: TransportBench,
  power: FaultPower,
  topic: string,
  neighbours: number,
  retryAfterMs = 1_000,
): Promise<Provoked> {
  const provocation =
    power === 'provokeThrottling'
      ? await bench.power(power)(bench.broker, topic, retryAfterMs)
      : await bench.power(power)(bench.broker, topic);
  const { message, scope } = provocation;
  const healthyTopic = scope === 'topic' ? await bench.topic('healthy') : topic;
  const fresh = bench.make.sent(topic, { key: 'bad' });
  const id = message.id ?? fresh.id;
  return {
    bad: { ...fresh, ...message, id, deduplicationId: id },
    neighbours: bench.many(neighbours, healthyTopic),
    healthyTopic,
    keepsPayload: message.payload !== undefined,
    scope,
    lift: () => provocation.lift(),
  };
}
