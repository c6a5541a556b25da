import type { Message, Transport } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { httpTransport } from '../src/index.ts';
import { message, quiet, statuses } from './support/message.ts';
import { startReceiverProcess } from './support/receiver-process.ts';

const UNAVAILABLE = expect.objectContaining({ code: 'TRANSPORT_UNAVAILABLE' });

/** Publishes what is not accepted yet, in order, and answers with what remains. */
async function pass(transport: Transport, left: readonly Message[]): Promise<readonly Message[]> {
  const batch = left.slice(0, 100);
  const results = await transport.publish(batch, quiet());
  return [...batch.filter((_, at) => results[at]?.status !== 'accepted'), ...left.slice(100)];
}

/** Goes on until the receiver is out of reach; `error` is missing when nothing was left before. */
async function passUntilFailure(
  transport: Transport,
  messages: readonly Message[],
): Promise<{ left: readonly Message[]; error?: unknown }> {
  let left = messages;
  try {
    while (left.length > 0) left = await pass(transport, left);
    return { left };
  } catch (error) {
    return { left, error };
  }
}

describe('a receiver that is killed', () => {
  it('leaves what it had been sent unknown, then cannot be reached, then is back', async () => {
    const first = await startReceiverProcess(0, 'hold');
    const transport = httpTransport({ url: `http://127.0.0.1:${first.port}`, concurrency: 2 });
    const published = transport.publish(
      ['a', 'a', 'b'].map((key) => message({ key })),
      quiet(),
    );
    await first.arrived(2);
    await first.kill();
    expect(statuses(await published)).toEqual(['unknown', 'withheld', 'unknown']);
    await expect(transport.publish([message()], quiet())).rejects.toThrow(UNAVAILABLE);
    await expect(transport.connectivity?.check(quiet())).rejects.toThrow(UNAVAILABLE);

    await startReceiverProcess(first.port);
    await transport.connectivity?.check(quiet());
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['accepted']);
    await transport.close();
  });

  it('loses nothing and keeps the order of each key when it is restarted in the middle', {
    timeout: 120_000,
  }, async () => {
    const concurrency = 8;
    const restarts = 3;
    const messages = Array.from({ length: 1_500 }, (_, at) => message({ id: `${at}`, key: `k${at % 50}` }));
    let receiver = await startReceiverProcess();
    const transport = httpTransport({ url: `http://127.0.0.1:${receiver.port}`, concurrency });
    const ids: string[] = [];
    let left: readonly Message[] = messages;
    for (let restart = 1; restart <= restarts; restart += 1) {
      const { port } = receiver;
      const killed = receiver.arrived(200).then(() => receiver.kill());
      const failure = await passUntilFailure(transport, left);
      expect(failure.error).toEqual(UNAVAILABLE);
      left = failure.left;
      await killed;
      ids.push(...receiver.ids);
      receiver = await startReceiverProcess(port);
    }
    while (left.length > 0) left = await pass(transport, left);
    await receiver.kill();
    ids.push(...receiver.ids);
    await transport.close();

    const seen = new Set(ids);
    expect(messages.filter(({ id }) => !seen.has(id)).map(({ id }) => id)).toEqual([]);
    expect(ids.length - seen.size).toBeLessThanOrEqual(restarts * concurrency);
    for (let key = 0; key < 50; key += 1) {
      const first = [...seen].map(Number).filter((id) => id % 50 === key);
      expect(first).toEqual(first.toSorted((a, b) => a - b));
    }
  });
});
