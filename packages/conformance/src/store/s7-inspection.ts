import type { InspectionFacet, TopicStatus } from '@outrelay/core';
import { holds, same, sameTexts } from '../bench/assertions.ts';
import { onlyTopic, type StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'inspection';
/** What the calls of a clause may take on a slow machine, in milliseconds of the database's clock. */
const SLACK_MS = 10_000;

function inspectionOf(bench: StoreBench): InspectionFacet {
  const { inspection } = bench.store;
  holds(inspection !== undefined, 'the store has lost its inspection facet');
  return inspection;
}

/** `topic pending/waiting/dead`, with `+` where counting stopped. */
function counts({ topic, pending, waiting, dead }: TopicStatus): string {
  return `${topic} ${[pending, waiting, dead].map(({ value, exact }) => `${value}${exact ? '' : '+'}`).join('/')}`;
}

export const S7_1: StoreClause = {
  id: 'S7.1',
  title:
    'Counts of pending, waiting and dead messages are right by topic, up to the limit asked for, and marked as inexact above it.',
  facet,
  cases: [{ name: 'exact' }, { name: 'limited' }, { name: 'empty' }],
  async run(bench, name) {
    if (name === 'empty') {
      same((await inspectionOf(bench).status()).topics, [], 'topics of an empty outbox');
      return;
    }
    const availableAt = new Date((await bench.now()).getTime() + bench.leaseMs * 10);
    await bench.appendMany(3, { topic: 'b', key: 'k' });
    await bench.appendMany(4, { topic: 'a' });
    await bench.appendMany(2, { topic: 'a', availableAt });
    await bench.appendMany(2, { topic: 'c' });
    const { held, messages } = await bench.holdAndRead(onlyTopic('b'));
    // One of the key waits for its retry, so the others wait behind it.
    await held.retry(messages.slice(0, 1), bench.leaseMs);
    await held.giveBack(messages.slice(1));
    await held.release();
    const dying = await bench.holdAndRead(onlyTopic('c'));
    await dying.held.bury(dying.messages);
    await dying.held.release();
    const limited = name === 'limited';
    const { topics } = await inspectionOf(bench).status(limited ? { countLimit: 2 } : {});
    if (!limited) {
      same(topics.map(counts), ['a 4/2/0', 'b 0/3/0', 'c 0/0/2'], 'topics pending/waiting/dead');
      return;
    }
    same(
      topics.map(({ topic }) => topic),
      ['a', 'b', 'c'],
      'topics',
    );
    const truth: Record<string, readonly number[]> = { a: [4, 2, 0], b: [0, 3, 0], c: [0, 0, 2] };
    for (const status of topics) {
      const parts = [status.pending, status.waiting, status.dead];
      for (const [at, { value, exact }] of parts.entries()) {
        const real = truth[status.topic]?.[at] ?? 0;
        holds(value <= real, `${counts(status)} with a limit of 2: a count is above the truth`);
        holds(
          exact ? value === real : value >= 2,
          `${counts(status)} with a limit of 2: expected ${real}, or 2+`,
        );
      }
    }
  },
};

export const S7_2: StoreClause = {
  id: 'S7.2',
  title:
    '`lagMs` is the age of the oldest message that should have been published; scheduled messages count from their time.',
  facet,
  cases: [
    { name: 'fresh' },
    { name: 'scheduled' },
    { name: 'waiting for a retry' },
    { name: 'dead' },
    { name: 'drained' },
  ],
  async run(bench, name) {
    const lag = async (topic: string): Promise<number | null | undefined> =>
      (await inspectionOf(bench).status()).topics.find((status) => status.topic === topic)?.lagMs;
    const isAbout = (seen: number | null | undefined, ms: number, what: string): void =>
      holds(
        typeof seen === 'number' && seen >= ms - 50 && seen <= ms + SLACK_MS,
        `lagMs of ${what} is ${seen}; expected ${ms} and little more`,
      );
    const stepMs = bench.leaseMs;
    const now = (await bench.now()).getTime();
    const availableAt = name === 'scheduled' ? new Date(now + stepMs * 2) : null;
    await bench.appendOne({ key: 'k', availableAt });
    await bench.elapse(stepMs);
    await bench.appendOne({ topic: 'other' });
    if (name === 'scheduled') {
      same(await lag('orders'), null, 'lagMs of a message that is not due');
      await bench.elapse(stepMs * 2);
      isAbout(await lag('orders'), stepMs, 'a message that has been due for a while');
      return;
    }
    const { held, messages } = await bench.holdAndRead(onlyTopic('orders'));
    if (name === 'waiting for a retry') await held.retry(messages, stepMs * 100);
    if (name === 'dead') await held.bury(messages);
    if (name === 'drained') await held.accept(messages);
    await held.release();
    await bench.elapse(stepMs);
    const gone = name === 'dead' || name === 'drained';
    const seen = await lag('orders');
    if (gone) same(seen ?? null, null, `lagMs when the only message is ${name}`);
    else isAbout(seen, stepMs * 2, `a message that is ${name}`);
    isAbout(await lag('other'), stepMs, 'a younger message of another topic');
  },
};

export const S7_3: StoreClause = {
  id: 'S7.3',
  title: 'Holders are listed with the share they hold, and vanish on release.',
  facet,
  cases: [{ name: 'released' }, { name: 'ended' }],
  async run(bench, name) {
    const holders = async (): Promise<readonly string[]> =>
      (await inspectionOf(bench).status()).holders.map(({ relay }) => relay);
    await bench.appendMany(3, { key: 'k' });
    same(await holders(), [], 'holders before any claim');
    const held = await bench.hold({ relay: "relay 'one' 🦊" });
    const [holder, ...more] = (await inspectionOf(bench).status()).holders;
    holds(holder !== undefined && more.length === 0, 'one relay holds a lease, and not one holder is listed');
    same(holder.relay, "relay 'one' 🦊", 'relay of the holder');
    holds(holder.share > 0 && holder.share <= 1, `share of the holder is ${holder.share}`);
    const { expiresInMs } = holder;
    holds(
      expiresInMs > 0 && expiresInMs <= bench.leaseMs,
      `expiresInMs is ${expiresInMs} for a lease of ${bench.leaseMs}`,
    );
    if (name === 'released') await held.release();
    else await bench.elapse(bench.leaseMs + 1);
    sameTexts(await holders(), [], `holders once the lease was ${name}`);
  },
};

export const S7_4: StoreClause = {
  id: 'S7.4',
  title: '`find` tells where a message is: pending, waiting, dead or, within the history, sent.',
  facet,
  cases: [
    { name: 'pending' },
    { name: 'waiting' },
    { name: 'scheduled' },
    { name: 'dead' },
    { name: 'sent' },
    { name: 'unknown' },
  ],
  async run(bench, name) {
    const now = (await bench.now()).getTime();
    const availableAt = name === 'scheduled' ? new Date(now + bench.leaseMs * 5) : null;
    const message = await bench.appendOne({ topic: 'orders', key: 'k', availableAt });
    await bench.appendMany(3, { key: 'k' });
    if (name === 'waiting' || name === 'dead' || name === 'sent') {
      const { held, messages } = await bench.holdAndRead();
      const ours = messages.filter(({ id }) => id === message.id);
      if (name === 'waiting') await held.retry(ours, bench.leaseMs, 'it broke');
      if (name === 'dead') await held.bury(ours, { error: 'it broke' });
      if (name === 'sent') await held.accept(ours);
      await held.giveBack(messages.filter(({ id }) => id !== message.id));
      await held.release();
    }
    const traces = await inspectionOf(bench).find(name === 'unknown' ? "nobody' OR 1=1" : message.id);
    if (name === 'unknown') {
      same(traces, [], 'traces of an id that nobody has');
      return;
    }
    const [trace, ...more] = traces;
    holds(
      trace !== undefined && more.length === 0,
      `find answered with ${traces.length} traces of one message`,
    );
    const { createdAt, at, ...rest } = trace;
    const charged = name === 'pending' || name === 'scheduled' ? 0 : 1;
    same(
      { ...rest, error: name === 'sent' ? null : rest.error },
      {
        ...{ id: message.id, topic: 'orders', key: 'k', state: name === 'scheduled' ? 'waiting' : name },
        ...{ attempts: charged, error: name === 'waiting' || name === 'dead' ? 'it broke' : null },
      },
      `trace of a message that is ${name}`,
    );
    const apart = Math.abs(createdAt.getTime() - now);
    holds(apart <= SLACK_MS, `createdAt of the trace is ${createdAt.toISOString()}`);
    if (name === 'pending') same(at, null, 'time of a pending message');
    else holds(at !== null && at.getTime() >= now - SLACK_MS, `time of the trace is ${at?.toISOString()}`);
    if (name === 'scheduled') same(at?.getTime(), availableAt?.getTime(), 'time at which it is due');
  },
};
