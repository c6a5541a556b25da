import type { Message, PublishResult } from '@outrelay/core';
import { holds, refuses, same, sameIds, sameTexts } from '../bench/assertions.ts';
import { statuses, type TransportBench, unavailable } from '../bench/transport-bench.ts';
import type { TransportClause } from './transport-clause.ts';

const DEFAULT_MANY = 2_000;
const CALL = 50;

/** Publishes until it succeeds, as a relay would; answers with whether each was taken. */
async function publishAtLast(bench: TransportBench, messages: readonly Message[]): Promise<void> {
  await bench.eventually('the transport to work again', async () => {
    const results = await bench.publish(messages).catch(unavailable);
    return results.length > 0 && statuses(results).every((status) => status === 'accepted');
  });
}

export const T4_1: TransportClause = {
  id: 'T4.1',
  title: 'A broker that was restarted is used again without a new transport.',
  cases: [
    { name: 'stopped and started', needs: ['stopBroker'] },
    { name: 'killed and started', needs: ['killBroker'] },
  ],
  async run(bench, name) {
    const topic = await bench.topic();
    await bench.accept(bench.many(1, topic));
    if (name === 'killed and started') {
      await bench.power('killBroker')(bench.broker);
    } else {
      const restore = await bench.power('stopBroker')(bench.broker);
      await bench.publish(bench.many(1, topic)).catch(unavailable);
      await restore();
    }
    await publishAtLast(bench, bench.many(3, topic));
  },
};

export const T4_2: TransportClause = {
  id: 'T4.2',
  title: 'Restarting the broker in the middle of many messages loses none that was accepted.',
  when: { confirmation: 'durable' },
  needs: ['killBroker'],
  async run(bench) {
    const topic = await bench.topic();
    const many = bench.harness.manyMessages ?? DEFAULT_MANY;
    const accepted: string[] = [];
    let left = bench.many(many, topic);
    let killing: Promise<void> | undefined;
    let calls = 0;
    await bench.eventually('all messages to be accepted', async () => {
      while (left.length > 0) {
        const batch = left.slice(0, CALL);
        if (++calls === Math.ceil(many / CALL / 2)) killing = bench.power('killBroker')(bench.broker);
        const results = await bench.publish(batch).catch(unavailable);
        const taken = batch.filter((_, at) => {
          const status = results[at]?.status;
          return status === 'accepted' || status === 'duplicate';
        });
        accepted.push(...taken.map(({ id }) => id));
        left = [...batch.filter((message) => !taken.includes(message)), ...left.slice(CALL)];
        // A broker that takes nothing is tried again after a pause.
        if (taken.length === 0) return false;
      }
      return true;
    });
    await killing;
    const held = new Set((await bench.received(many)).map(({ id }) => id));
    sameTexts(
      accepted.filter((id) => !held.has(id)),
      [],
      'messages that were accepted and are not at the broker',
    );
  },
};

export const T4_3: TransportClause = {
  id: 'T4.3',
  title: 'A connection that is silently dead is noticed within the time the transport documents.',
  needs: ['freezeConnections', 'noticesDeathWithinMs'],
  async run(bench) {
    const topic = await bench.topic();
    await bench.accept(bench.many(1, topic));
    const restore = await bench.power('freezeConnections')(bench.broker);
    const withinMs = bench.power('noticesDeathWithinMs');
    const startMs = performance.now();
    const messages = bench.many(2, topic);
    let results: readonly PublishResult[];
    let tookMs: number;
    try {
      results = await bench.publish(messages).catch(unavailable);
    } finally {
      tookMs = performance.now() - startMs;
      await restore();
    }
    // Without a check it takes minutes, until the operating system gives the connection up.
    holds(tookMs <= withinMs + 10_000, `it took ${Math.round(tookMs)} ms; ${withinMs} are documented`);
    const wrong = statuses(results).filter((status) => status === 'rejected' || status === 'failed');
    same(wrong, [], 'results on a dead connection that claim to know');
    // A transport that noticed in time has used another connection.
    const taken = messages.filter((_, at) => results[at]?.status === 'accepted');
    const held = new Set((await bench.broker.received()).map(({ id }) => id));
    sameIds(
      taken.filter(({ id }) => !held.has(id)),
      [],
      'messages called accepted that are not at the broker',
    );
    await publishAtLast(bench, bench.many(1, topic));
  },
};

export const T4_4: TransportClause = {
  id: 'T4.4',
  title: '`check` resolves when the broker answers and rejects when it does not.',
  facet: 'connectivity',
  cases: [
    { name: 'answers' },
    { name: 'does not answer', needs: ['stopBroker'] },
    { name: 'is back', needs: ['stopBroker'] },
  ],
  async run(bench, name) {
    const { connectivity } = bench.transport;
    holds(connectivity !== undefined, 'the transport has lost its connectivity facet');
    const check = (): Promise<void> => connectivity.check(new AbortController().signal);
    if (name === 'answers') {
      await check();
      same((await bench.broker.received()).length, 0, 'messages that a check has sent');
      return;
    }
    const restore = await bench.power('stopBroker')(bench.broker);
    try {
      await refuses(check, ['TRANSPORT_UNAVAILABLE'], 'check while the broker is away');
    } finally {
      await restore();
    }
    if (name !== 'is back') return;
    await bench.eventually('check to find that the broker is back', () =>
      check().then(
        () => true,
        () => false,
      ),
    );
  },
};
