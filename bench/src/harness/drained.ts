import type { Broker } from '../brokers/broker.ts';
import type { Figures } from './contender.ts';

/** Times a drain. */
export async function timed(messages: number, drain: () => Promise<void>): Promise<Figures> {
  const startedAt = performance.now();
  await drain();
  const seconds = (performance.now() - startedAt) / 1_000;
  return { 'messages/s': messages / seconds };
}

/** Throws unless every message is with the broker, once, and none is left in the table. */
export async function assertDrained(
  messages: number,
  broker: Pick<Broker, 'count'>,
  left: number,
): Promise<void> {
  const count = await broker.count();
  if (count !== messages || left !== 0)
    throw new Error(`Of ${messages} messages ${count} are with the broker, and ${left} are left.`);
}
