import { isOutboxError, type Message, type PublishResult, type Transport } from '@outrelay/core';
import { setTimeout as delay } from 'node:timers/promises';

/** What a delivery went through. */
export interface Report {
  readonly calls: number;
  /** Results by status, `unavailable` for calls that were rejected so. */
  readonly seen: ReadonlyMap<string, number>;
  readonly errors: readonly string[];
}

/** How {@link deliver} goes about it. */
export interface Delivery {
  readonly batch: number;
  /** Called after each call with the number of accepted messages so far. */
  readonly progress?: ((accepted: number) => void) | undefined;
}

/**
 * Publishes messages until each one is accepted, as the relay does: batch by batch from the oldest on, what was not
 * accepted again before what follows it.
 */
export async function deliver(
  transport: Transport,
  messages: readonly Message[],
  { batch, progress }: Delivery,
): Promise<Report> {
  const seen = new Map<string, number>();
  const errors: string[] = [];
  const count = (status: string): void => void seen.set(status, (seen.get(status) ?? 0) + 1);
  let pending = [...messages];
  let calls = 0;
  while (pending.length > 0) {
    calls++;
    const sent = pending.slice(0, batch);
    const results = await attempt(transport, sent, errors);
    if (results === null) {
      count('unavailable');
    } else {
      for (const result of results) {
        count(result.status);
        if ('error' in result) errors.push((result.error as Error).message);
      }
      const left = sent.filter((_, at) => results[at]?.status !== 'accepted');
      pending = [...left, ...pending.slice(batch)];
    }
    progress?.(messages.length - pending.length);
    // The pace of a relay that retries, not a wait for something.
    if (results === null || results.some(({ status }) => status !== 'accepted')) await delay(20);
  }
  return { calls, seen, errors };
}

async function attempt(
  transport: Transport,
  messages: readonly Message[],
  errors: string[],
): Promise<readonly PublishResult[] | null> {
  try {
    return await transport.publish(messages, AbortSignal.timeout(20_000));
  } catch (error) {
    if (!isOutboxError(error) || error.code !== 'TRANSPORT_UNAVAILABLE') throw error;
    errors.push(error.message);
    return null;
  }
}
