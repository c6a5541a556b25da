import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import { provoked } from '../bench/provoked.ts';
import { statuses } from '../bench/transport-bench.ts';
import type { TransportClause } from './transport-clause.ts';

export const T3_1: TransportClause = {
  id: 'T3.1',
  title: 'Messages of one key arrive in the order of one call.',
  when: { batchOrder: 'key' },
  cases: [{ name: 'one key' }, { name: 'several keys' }],
  async run(bench, name) {
    const topic = await bench.topic();
    const limit = Math.min(60, bench.harness.capabilities.limits.maxMessages);
    const messages = Array.from({ length: limit }, (_, at) => {
      // Sizes differ, so that whatever is sent at the same time overtakes.
      const payload = JSON.stringify({ at, filler: 'x'.repeat(bench.random.below(4_000)) });
      return bench.make.sent(topic, { key: name === 'one key' ? 'k' : `k${at % 3}`, payload });
    });
    await bench.accept(messages);
    const held = await bench.received(messages.length);
    for (const key of new Set(messages.map((message) => message.key))) {
      sameOrder(
        held.filter((message) => message.key === key),
        messages.filter((message) => message.key === key),
        `messages of ${key} at the broker`,
      );
    }
  },
};

export const T3_2: TransportClause = {
  id: 'T3.2',
  title: 'Messages of one key in calls that follow each other arrive in that order.',
  async run(bench) {
    const topic = await bench.topic();
    const messages = bench.many(20, topic, { key: 'k' });
    for (const message of messages) await bench.accept([message]);
    sameOrder(await bench.received(messages.length), messages, 'messages of the key at the broker');
  },
};

const FAULTS = [
  ['rejected', 'provokeRejection'],
  ['failed', 'provokeFailure'],
  ['unknown', 'provokeSilence'],
] as const;

export const T3_3: TransportClause = {
  id: 'T3.3',
  title:
    'After a message that was not accepted, no later one of its key in the call is sent: they are `withheld`. Other keys pass.',
  when: { batchOrder: 'key' },
  cases: FAULTS.map(([name, power]) => ({ name: `after one that is ${name}`, needs: [power] })),
  async run(bench, name) {
    const [status, power] = FAULTS.find(([it]) => name.endsWith(it)) ?? FAULTS[0];
    const topic = await bench.topic();
    const { bad, lift, neighbours, scope } = await provoked(bench, power, topic, 2);
    const key = bad.key;
    const before = scope === 'message' ? bench.many(1, topic, { key }) : [];
    const after = bench.many(3, topic, { key });
    const [one, two] = neighbours.map((message) => ({ ...message, key: 'other' }));
    holds(one !== undefined && two !== undefined, 'the suite made no neighbours');
    // What shares only its key with the bad one, or only its topic, has no part in its order.
    const namesake = bench.make.sent(await bench.topic('namesakes'), { key });
    const keyless = bench.make.sent(one.topic, { key: null });
    const messages = [...before, one, bad, ...after, two, namesake, keyless];
    const results = await bench.publish(messages);
    await lift();
    const expected = messages.map((message) => {
      if (message === bad) return status;
      return after.includes(message) ? 'withheld' : 'accepted';
    });
    // Where the connection went with the answer, other messages may have gone with it.
    const told = statuses(results).map((it, at) =>
      status === 'unknown' && expected[at] === 'accepted' ? 'accepted' : it,
    );
    same(told, expected, 'results of a call in which one message of a key is not accepted');
    const held = await bench.received(status === 'unknown' ? 0 : before.length + 4);
    const late = held.filter(({ id }) => after.some((message) => message.id === id));
    sameIds(late, [], 'later messages of the key that were sent all the same');
    // What was withheld is sent again behind the message that held it up.
    if (status !== 'failed') return;
    await bench.accept([bad, ...after]);
    const ofKey = (await bench.received(messages.length)).filter(
      (message) => message.key === key && message.topic === topic,
    );
    sameOrder(ofKey, [...before, bad, ...after], 'messages of the key after the second attempt');
  },
};

export const T3_4: TransportClause = {
  id: 'T3.4',
  title: 'A failure in a call may be followed by later messages of its key.',
  when: { batchOrder: 'none' },
  // Where the connection went with the answer, nothing can follow, whatever the transport does.
  cases: FAULTS.filter(([name]) => name !== 'unknown').map(([name, power]) => ({
    name: `after one that is ${name}`,
    needs: [power],
  })),
  async run(bench, name) {
    const [status, power] = FAULTS.find(([it]) => name.endsWith(it)) ?? FAULTS[0];
    const topic = await bench.topic();
    const { bad, lift, scope } = await provoked(bench, power, topic, 0);
    // Where the whole topic suffers nothing can follow; the weakness is then proven by the other faults.
    const after = scope === 'message' ? bench.many(2, topic, { key: bad.key }) : [];
    const results = await bench.publish([bad, ...after]);
    await lift();
    const expected = [status, ...after.map(() => 'accepted')];
    same(statuses(results), expected, 'results: a transport that withholds could declare batchOrder "key"');
  },
};
