import { refuses, same, sameIds, sameOrder } from '../bench/assertions.ts';
import { provoked } from '../bench/provoked.ts';
import { endsEverything, resources } from '../bench/resources.ts';
import { statuses } from '../bench/transport-bench.ts';
import type { TransportClause } from './transport-clause.ts';

const CALLS = 8;

export const T5_1: TransportClause = {
  id: 'T5.1',
  title: 'Several calls at once do not disturb each other.',
  cases: [{ name: 'all healthy' }, { name: 'one refused', needs: ['provokeRejection'] }],
  async run(bench, name) {
    const topic = await bench.topic();
    const batches = Array.from({ length: CALLS }, (_, call) =>
      Array.from({ length: 6 }, (__, at) => bench.make.sent(topic, { key: `call-${call}-${at % 2}` })),
    );
    if (bench.harness.capabilities.batchOrder === 'none') for (const batch of batches) batch.splice(2);
    const refused = name === 'one refused' ? await provoked(bench, 'provokeRejection', topic, 0) : null;
    const calls = batches.map((batch) => bench.publish(batch));
    const bad = refused === null ? [] : await bench.publish([refused.bad]);
    const results = await Promise.all(calls);
    await refused?.lift();
    same(statuses(bad), refused === null ? [] : ['rejected'], 'result of the refused message');
    for (const [call, batch] of batches.entries())
      same(
        statuses(results[call] ?? []),
        batch.map(() => 'accepted'),
        `results of call ${call + 1} of ${CALLS}`,
      );
    const messages = batches.flat();
    const held = await bench.received(messages.length);
    sameIds(held, messages, 'messages at the broker');
    for (const key of new Set(messages.map((message) => message.key))) {
      sameOrder(
        held.filter((message) => message.key === key),
        messages.filter((message) => message.key === key),
        `messages of ${key}`,
      );
    }
  },
};

export const T5_2: TransportClause = {
  id: 'T5.2',
  title: 'An aborted call resolves soon, with `unknown` for what may have been sent.',
  needs: ['provokeHang'],
  cases: [{ name: 'under way' }, { name: 'with others waiting behind it' }, { name: 'before the call' }],
  async run(bench, name) {
    const topic = await bench.topic();
    const { bad, lift } = await provoked(bench, 'provokeHang', topic, 0);
    const messages = name === 'under way' ? [bad] : [bad, ...bench.many(2, topic, { key: bad.key })];
    if (bench.harness.capabilities.batchOrder === 'none') messages.splice(1);
    const abort = new AbortController();
    if (name === 'before the call') abort.abort();
    let answered = false;
    const publishing = bench.publish(messages, abort.signal).finally(() => {
      answered = true;
    });
    publishing.catch(() => {});
    if (name !== 'before the call')
      await bench.never(() => (answered ? 'the call was answered although the broker is silent' : undefined));
    abort.abort();
    try {
      await bench.eventually('the aborted call to resolve', () => answered);
    } finally {
      await lift();
    }
    const results = statuses(await publishing);
    same(results.length, messages.length, 'results of the aborted call');
    const wrong = results.filter((status) => status !== 'unknown' && status !== 'withheld');
    same(wrong, [], 'results of the aborted call that are neither unknown nor withheld');
    if (name !== 'before the call') same(results[0], 'unknown', 'result of the message under way');
    // The transport lives on.
    await bench.accept(bench.many(1, await bench.topic('later')));
  },
};

export const T5_3: TransportClause = {
  id: 'T5.3',
  title:
    '`close` waits for calls under way, then refuses new ones; it can be called again, and before any call.',
  cases: [
    { name: 'waits' },
    { name: 'refuses' },
    { name: 'again' },
    { name: 'before any call' },
    { name: 'refuses a check', facet: 'connectivity' },
  ],
  async run(bench, name) {
    const topic = await bench.topic();
    if (name === 'before any call') {
      const transport = await bench.broker.connect();
      await transport.close();
      await transport.close();
      return;
    }
    if (name === 'waits') {
      let results: readonly string[] | undefined;
      const messages = bench.many(Math.min(40, bench.harness.capabilities.limits.maxMessages), topic);
      const publishing = bench.raw.publish(messages, new AbortController().signal).then((all) => {
        results = statuses(all);
      });
      await bench.raw.close();
      const atClose = results;
      await publishing;
      same(
        atClose,
        messages.map(() => 'accepted'),
        'results there were when close resolved',
      );
      sameIds(await bench.received(messages.length), messages, 'messages at the broker');
      return;
    }
    await bench.accept(bench.many(2, topic));
    if (name === 'again') {
      await bench.raw.close();
      await bench.raw.close();
      await Promise.all([bench.raw.close(), bench.raw.close()]);
      return;
    }
    await bench.transport.close();
    const abort = new AbortController();
    const call = (): unknown =>
      name === 'refuses'
        ? bench.publish(bench.many(1, topic))
        : bench.transport.connectivity?.check(abort.signal);
    await refuses(call, ['TRANSPORT_CLOSED'], 'a call after close');
    same((await bench.broker.received()).length, 2, 'messages at the broker');
  },
};

export const T5_4: TransportClause = {
  id: 'T5.4',
  title: 'After `close` nothing keeps the process alive.',
  cases: [{ name: 'after work' }, { name: 'before any work' }],
  async run(bench, name) {
    const topic = await bench.topic();
    await bench.accept(bench.many(1, topic));
    await bench.transport.close();
    const before = resources();
    const transport = await bench.connect();
    if (name === 'after work') await transport.publish(bench.many(20, topic), new AbortController().signal);
    await transport.close();
    await endsEverything('transport', before, bench.patienceMs);
  },
};
