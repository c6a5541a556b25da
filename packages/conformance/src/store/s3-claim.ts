import { AssertionError } from 'node:assert/strict';
import { matchingTopics, namedTopics, type TopicFilter } from '@outrelay/core';
import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

export const S3_1: StoreClause = {
  id: 'S3.1',
  title: 'A lease carries the token of its request.',
  async run(bench) {
    await bench.appendMany(3);
    const token = bench.random.hex(32);
    const lease = await bench.raw.claim({
      token,
      relay: 'relay-1',
      leaseMs: bench.leaseMs,
      topics: matchingTopics(() => true),
    });
    same(lease?.token, token, 'token of the lease');
  },
};

export const S3_2: StoreClause = {
  id: 'S3.2',
  title:
    'A read yields no more messages than asked for, and no more payload bytes, except that one message always fits.',
  cases: [{ name: 'messages' }, { name: 'bytes' }, { name: 'one message always fits' }, { name: 'one key' }],
  async run(bench, name) {
    const key = name === 'one key' ? 'k' : null;
    const appended = await bench.append(...bench.make.many(10, { key, payload: 'x'.repeat(100) }));
    const held = await bench.hold();
    if (name === 'messages' || name === 'one key') {
      const messages = await held.read({ messages: 4 });
      holds(messages.length >= 1 && messages.length <= 4, `a read of 4 messages yielded ${messages.length}`);
      await held.accept(messages);
    } else if (name === 'bytes') {
      const messages = await held.read({ bytes: 350 });
      const count = messages.length;
      holds(count >= 1 && count <= 3, `a read of 350 bytes yielded ${count} payloads of 100 bytes`);
      await held.accept(messages);
    } else {
      const messages = await held.read({ bytes: 10 });
      same(messages.length, 1, 'payloads of 100 bytes yielded by a read of 10 bytes');
      await held.accept(messages);
    }
    await held.release();
    const rest = await bench.drain();
    holds(rest.length < appended.length, 'what was accepted came back');
    holds(rest.length >= 6, `${appended.length - rest.length} messages are gone although fewer were yielded`);
  },
};

const FILTERS: Readonly<Record<string, { accepted: readonly string[]; filter: TopicFilter }>> = {
  'by name': { accepted: ['order_a', 'paid'], filter: namedTopics(['order_a', 'paid', 'unheard.of']) },
  'by pattern': { accepted: ['eu.x', 'eu.y'], filter: matchingTopics((topic) => topic.startsWith('eu.')) },
  all: {
    accepted: ['order_a', 'orderXa', 'Order_a', 'paid', 'eu.x', 'eu.y', 'euXx'],
    filter: matchingTopics(() => true),
  },
  none: { accepted: [], filter: namedTopics([]) },
};

export const S3_3: StoreClause = {
  id: 'S3.3',
  title:
    'Only topics that the request names are yielded; messages of other topics stay for other relays, in their order.',
  cases: [...Object.keys(FILTERS), 'a topic that is new'].map((name) => ({ name })),
  async run(bench, name) {
    if (name === 'a topic that is new') {
      await newTopic(bench);
      return;
    }
    const { accepted, filter } = FILTERS[name] ?? { accepted: [], filter: namedTopics([]) };
    // Alike but for a wildcard of SQL, the case of a letter, or a character where a dot stands.
    const topics = ['order_a', 'orderXa', 'Order_a', 'paid', 'eu.x', 'eu.y', 'euXx'];
    const appended = [];
    for (let round = 0; round < 3; round++)
      for (const topic of topics) appended.push(await bench.appendOne({ topic, key: 'k' }));
    const routable = appended.filter(({ topic }) => accepted.includes(topic));
    sameIds(await bench.drain({ topics: filter }), routable, `messages yielded for topics ${name}`);
    const others = await bench.drain();
    for (const topic of topics) {
      const ofTopic = (message: { topic: string }): boolean =>
        message.topic === topic && !accepted.includes(topic);
      sameOrder(
        others.filter(ofTopic),
        appended.filter(ofTopic),
        `messages of ${topic} left for other relays`,
      );
    }
  },
};

/** A relay that remembers which topics there are, or that there was nothing, must learn of what others append. */
async function newTopic(bench: StoreBench): Promise<void> {
  const other = await bench.connect();
  const topics = matchingTopics((topic) => topic.startsWith('eu.'));
  for (const topic of ['eu.first', 'us.first', 'eu.second']) {
    const transaction = await bench.begin({ store: other });
    const message = bench.make.stored({ topic, key: 'k' });
    await transaction.append(message);
    await transaction.commit();
    const expected = topics.matches(topic) ? [message] : [];
    sameIds(await bench.drain({ topics }), expected, `messages of ${topic}, which another process appended`);
  }
}

export const S3_4: StoreClause = {
  id: 'S3.4',
  title: '`claim` answers `null` when nothing is due that the request can route.',
  cases: [
    { name: 'empty' },
    { name: 'other topics' },
    { name: 'not due' },
    { name: 'drained' },
    { name: 'waiting' },
  ],
  async run(bench, name) {
    if (name === 'other topics') await bench.appendMany(3, { topic: 'elsewhere', key: 'k' });
    if (name === 'not due') {
      const availableAt = new Date((await bench.now()).getTime() + bench.leaseMs * 2);
      await bench.appendMany(3, { availableAt });
    }
    if (name === 'drained' || name === 'waiting') {
      await bench.appendMany(3, { key: 'k' });
      const { held, messages } = await bench.holdAndRead();
      if (name === 'drained') await held.accept(messages);
      else await held.retry(messages, bench.leaseMs * 2);
      await held.release();
    }
    const held = await bench.claim({ topics: namedTopics(['orders']) });
    if (held !== null) throw new AssertionError({ message: `claim answered with a lease (${name})` });
  },
};
