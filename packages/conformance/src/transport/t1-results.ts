import { isOutboxError, type Message, type PublishResult, type Transport } from '@outrelay/core';
import { holds, rejects, same, sameIds } from '../bench/assertions.ts';
import { turns } from '../bench/eventually.ts';
import { fullText } from '../bench/full-text.ts';
import { provoked } from '../bench/provoked.ts';
import { statuses, unavailable } from '../bench/transport-bench.ts';
import type { TransportClause } from './transport-clause.ts';

export const T1_1: TransportClause = {
  id: 'T1.1',
  title: '`publish` gives one result per message, in order.',
  cases: [
    { name: 'all taken' },
    { name: 'one refused among them', needs: ['provokeRejection'] },
    { name: 'one failed among them', needs: ['provokeFailure'] },
  ],
  async run(bench, name) {
    const topic = await bench.topic();
    const messages = bench.many(9, topic);
    if (name === 'all taken') {
      const results = await bench.raw.publish(messages, new AbortController().signal);
      same(statuses(results), Array<string>(9).fill('accepted'), 'results of 9 messages');
      return;
    }
    const power = name === 'one refused among them' ? 'provokeRejection' : 'provokeFailure';
    const { bad, lift, neighbours } = await provoked(bench, power, topic, 8);
    messages.splice(0, 9, ...neighbours.slice(0, 2), bad, ...neighbours.slice(2));
    const results = await bench.raw.publish(messages, new AbortController().signal);
    await lift();
    const status = power === 'provokeRejection' ? 'rejected' : 'failed';
    const expected = messages.map((message) => (message === bad ? status : 'accepted'));
    same(statuses(results), expected, 'results of 9 messages, the third of them bad');
  },
};

export const T1_2: TransportClause = {
  id: 'T1.2',
  title: 'A message is `accepted` only after the broker confirmed it.',
  cases: [{ name: 'it is there' }, { name: 'not while the broker is silent', needs: ['provokeHang'] }],
  async run(bench, name) {
    const topic = await bench.topic();
    if (name === 'it is there') {
      for (let round = 0; round < 10; round++) {
        const messages = bench.many(5, topic);
        await bench.accept(messages);
        // At once: what arrives later was not there when it was called accepted.
        const held = await bench.broker.received();
        const ours = held.filter(({ id }) => messages.some((message) => message.id === id));
        sameIds(ours, messages, 'messages at the broker the moment they were accepted');
      }
      return;
    }
    const { bad, lift } = await provoked(bench, 'provokeHang', topic, 0);
    let answered: readonly PublishResult[] | undefined;
    const publishing = bench.publish([bad]).then((results) => {
      answered = results;
    });
    await bench.never(() =>
      answered?.[0]?.status === 'accepted' ? 'accepted, although the broker has not answered' : undefined,
    );
    await lift();
    await publishing;
  },
};

export const T1_3: TransportClause = {
  id: 'T1.3',
  title: 'What was accepted is still there after the broker has been killed and restarted.',
  when: { confirmation: 'durable' },
  needs: ['killBroker'],
  async run(bench) {
    const topic = await bench.topic();
    const messages = bench.many(50, topic);
    await bench.accept(messages);
    await bench.power('killBroker')(bench.broker);
    sameIds(await bench.received(messages.length), messages, 'messages at the broker after it was killed');
  },
};

export const T1_4: TransportClause = {
  id: 'T1.4',
  title: 'A message the broker refuses for good is `rejected`; its neighbours pass.',
  needs: ['provokeRejection'],
  cases: [{ name: 'alone' }, { name: 'among others' }],
  async run(bench, name) {
    const topic = await bench.topic();
    const { bad, lift, neighbours } = await provoked(bench, 'provokeRejection', topic, 4);
    const messages = name === 'alone' ? [bad] : [...neighbours.slice(0, 2), bad, ...neighbours.slice(2)];
    const results = await bench.publish(messages);
    await lift();
    const expected = messages.map((message) => (message === bad ? 'rejected' : 'accepted'));
    same(statuses(results), expected, 'results');
    const held = await bench.received(messages.length - 1);
    sameIds(
      held,
      messages.filter((message) => message !== bad),
      'messages at the broker',
    );
  },
};

export const T1_5: TransportClause = {
  id: 'T1.5',
  title:
    'A message the broker does not take this time is `failed`, with `retryAfterMs` when the broker said so.',
  cases: [
    { name: 'failed', needs: ['provokeFailure'] },
    { name: 'asked to wait', needs: ['provokeThrottling'] },
  ],
  async run(bench, name) {
    const topic = await bench.topic();
    const waitMs = 7_000;
    const { bad, lift } = await provoked(
      bench,
      name === 'failed' ? 'provokeFailure' : 'provokeThrottling',
      topic,
      0,
      waitMs,
    );
    const [result] = await bench.publish([bad]);
    await lift();
    holds(result?.status === 'failed', `the result is ${result?.status}; expected failed`);
    if (name === 'asked to wait') {
      const { retryAfterMs } = result;
      holds(
        retryAfterMs !== undefined && retryAfterMs > waitMs - 1_500 && retryAfterMs <= waitMs,
        `retryAfterMs is ${retryAfterMs}; the broker asked for ${waitMs}`,
      );
    }
    await bench.accept([bad]);
    sameIds(await bench.received(1), [bad], 'messages at the broker after the second attempt');
  },
};

export const T1_6: TransportClause = {
  id: 'T1.6',
  title: 'A message that may have been stored without an answer is `unknown`, never `failed` or `rejected`.',
  needs: ['provokeSilence'],
  cases: [{ name: 'not answered' }, { name: 'sent again' }],
  async run(bench, name) {
    const topic = await bench.topic();
    const { bad, lift } = await provoked(bench, 'provokeSilence', topic, 0);
    const results = await bench.publish([bad]);
    await lift();
    same(statuses(results), ['unknown'], 'result of a message that was sent and not answered');
    if (name !== 'sent again') return;
    // Whoever remembers to have sent it knows nothing: only the broker can say that it is there.
    const status = await bench.eventually('the second attempt to be answered', async () => {
      const [again] = await bench.publish([bad]).catch(unavailable);
      return again?.status === 'unknown' ? undefined : again?.status;
    });
    holds(status === 'accepted' || status === 'duplicate', `the second attempt is ${status}`);
    const held = await bench.received(1);
    holds(
      held.some(({ id }) => id === bad.id),
      `the second attempt is ${status}, and the broker has no message ${bad.id}`,
    );
  },
};

/**
 * Whether the transport knows that nothing can be sent. One that has not heard yet that its connection ended may have
 * sent something, and says so; then it knows.
 */
async function isRefused(transport: Transport, messages: readonly Message[]): Promise<boolean> {
  let results: readonly PublishResult[];
  try {
    results = await transport.publish(messages, new AbortController().signal);
  } catch (error) {
    if (isOutboxError(error) && error.code === 'TRANSPORT_UNAVAILABLE') return true;
    throw error;
  }
  const wrong = statuses(results).filter((status) => status !== 'unknown' && status !== 'withheld');
  same(wrong, [], 'results while the broker is away that are neither unknown nor withheld');
  return false;
}

export const T1_7: TransportClause = {
  id: 'T1.7',
  title:
    'A broker that cannot be reached makes `publish` reject with `TRANSPORT_UNAVAILABLE` when nothing was sent.',
  needs: ['stopBroker'],
  cases: [{ name: 'from the start' }, { name: 'after a message' }],
  async run(bench, name) {
    const topic = await bench.topic();
    const before = name === 'after a message' ? bench.many(1, topic) : [];
    await bench.accept(before);
    const restore = await bench.power('stopBroker')(bench.broker);
    try {
      const transport = name === 'from the start' ? await bench.connect() : bench.transport;
      await bench.eventually('publish to reject while the broker is away', () =>
        isRefused(transport, bench.many(3, topic)),
      );
    } finally {
      await restore();
    }
    // What was refused must not be sent behind the relay's back once the broker is there.
    const later = bench.make.sent(topic);
    await bench.eventually('the transport to work again', async () => {
      const results = await bench.publish([later]).catch(unavailable);
      return results[0]?.status === 'accepted';
    });
    const held = await bench.received(before.length + 1);
    sameIds(held, [...before, later], 'messages at the broker once it could be reached again');
  },
};

export const T1_8: TransportClause = {
  id: 'T1.8',
  title: 'A destination that does not exist, or takes nothing, is a failure, never `accepted`.',
  needs: ['missingDestination'],
  async run(bench) {
    const topic = await bench.power('missingDestination')(bench.broker);
    let results: readonly PublishResult[] = [];
    try {
      results = await bench.publish(bench.many(2, topic));
    } catch (error) {
      holds(
        isOutboxError(error),
        `publish rejected with something else than an OutboxError: ${String(error)}`,
      );
    }
    const taken = statuses(results).filter((status) => status === 'accepted' || status === 'duplicate');
    same(taken, [], 'results of messages without a destination that count as delivered');
  },
};

const FAULTS = ['provokeRejection', 'provokeFailure', 'provokeSilence'] as const;

export const T1_10: TransportClause = {
  id: 'T1.10',
  title: 'Every error says what happened, and holds neither passwords nor payloads.',
  cases: [
    ...FAULTS.map((power) => ({ name: power.replace('provoke', ''), needs: [power] })),
    { name: 'unreachable', needs: ['stopBroker'] },
  ],
  async run(bench, name) {
    const topic = await bench.topic();
    const payload = `"payload-${bench.random.hex(16)}"`;
    let error: unknown;
    if (name === 'unreachable') {
      const restore = await bench.power('stopBroker')(bench.broker);
      error = await rejects(() => bench.publish(bench.many(1, topic, { payload })), 'publish');
      await restore();
    } else {
      const power = FAULTS.find((it) => it.endsWith(name)) ?? 'provokeFailure';
      const { bad, lift, keepsPayload } = await provoked(bench, power, topic, 0);
      const [result] = await bench.publish([keepsPayload ? bad : { ...bad, payload }]);
      await lift();
      holds(result !== undefined && 'error' in result, `a ${result?.status} result carries no error`);
      error = result.error;
    }
    await turns(1);
    const text = fullText(error);
    holds(error instanceof Error && error.message.length > 10, `the error says nothing: ${text}`);
    holds(!text.includes(payload.slice(1, -1)), 'the error holds the payload');
    const spilt = (bench.harness.powers?.secrets ?? []).filter((secret) => text.includes(secret));
    same(spilt.length, 0, 'secrets of the configuration that the error holds');
  },
};
