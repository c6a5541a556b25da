import type { MessageSource } from '@outrelay/core';
import { holds, refuses, sameIds } from '../bench/assertions.ts';
import { endsEverything, resources } from '../bench/resources.ts';
import { idsOf } from '../bench/source-bench.ts';
import type { SourceClause } from './source-clause.ts';

const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;

export const C6_1: SourceClause = {
  id: 'C6.1',
  title: 'No call waits for a `receive` that waits.',
  takeover: 'late',
  async run(bench) {
    const messages = await bench.publish(3);
    const [one, two, three] = await bench.take(3);
    holds(one !== undefined && two !== undefined && three !== undefined, 'three messages did not come');
    const abort = new AbortController();
    let received = false;
    const waiting = bench.source.receive({ limit: 1, waitMs: HOUR_MS }, abort.signal).finally(() => {
      received = true;
    });
    waiting.catch(() => {});
    let ended = false;
    const calls = Promise.all([
      bench.source.acknowledge([one]),
      bench.source.reject([{ delivery: two, reason: 'rejected', error: 'said no' }]),
    ]).finally(() => {
      ended = true;
    });
    calls.catch(() => {});
    await bench.eventually('calls to end while another one waits for messages', () => ended);
    await calls;
    holds(!received, 'receive ended although no message had come');
    await bench.source.release([three]);
    await bench.eventually('what was released to come', () => received);
    sameIds(idsOf(await waiting), messages.slice(2), 'deliveries of the call that waited');
    abort.abort();
  },
};

export const C6_2: SourceClause = {
  id: 'C6.2',
  title: 'What was in hands when the source was closed is delivered again.',
  cases: [{ name: 'idle' }, { name: 'while receive waits' }],
  async run(bench, name) {
    const messages = await bench.publish(4);
    const held = await bench.take(4);
    await bench.source.acknowledge(held.slice(0, 1));
    const waiting =
      name === 'idle' ? undefined : bench.raw.receive({ limit: 10, waitMs: HOUR_MS }, NEVER).catch(() => []);
    await bench.source.close();
    const late = await bench.publish(1);
    const other = await bench.connect();
    sameIds(
      idsOf(await bench.take(4, other)),
      [...messages.slice(1), ...late],
      'deliveries to another source',
    );
    let ended = waiting === undefined;
    void waiting?.then(() => {
      ended = true;
    });
    await bench.eventually('a receive to end whose source was closed', () => ended);
  },
};

/** A call of each verb. */
const CALLS: Readonly<Record<string, (source: MessageSource) => Promise<unknown>>> = {
  receive: (source) => source.receive({ limit: 1, waitMs: 1 }, NEVER),
  acknowledge: (source) => source.acknowledge([NOTHING]),
  reject: (source) => source.reject([{ delivery: NOTHING, reason: 'rejected', error: 'no' }]),
  release: (source) => source.release([NOTHING]),
};

/** Never reaches a source. */
const NOTHING = { message: null, undecodable: '', place: '', deliveryCount: 1, ref: null };

export const C6_3: SourceClause = {
  id: 'C6.3',
  title: '`close` can be called again, and before any call; afterwards calls are refused.',
  cases: [
    { name: 'again' },
    { name: 'before any call' },
    ...Object.keys(CALLS).map((verb) => ({ name: `refuses ${verb}` })),
  ],
  async run(bench, name) {
    if (name === 'before any call') {
      const source = await bench.place.connect();
      await source.close();
      await source.close();
      return;
    }
    await bench.publish(2);
    await bench.take(2);
    if (name === 'again') {
      await bench.raw.close();
      await bench.raw.close();
      await Promise.all([bench.raw.close(), bench.raw.close()]);
      return;
    }
    await bench.source.close();
    const call = CALLS[name.slice('refuses '.length)];
    await refuses(() => call?.(bench.source), ['TRANSPORT_CLOSED'], `${name.slice(8)} after close`);
  },
};

export const C6_4: SourceClause = {
  id: 'C6.4',
  title: 'After `close` nothing keeps the process alive.',
  cases: [{ name: 'after work' }, { name: 'before any work' }, { name: 'while receive waits' }],
  async run(bench, name) {
    await bench.publish(3);
    await bench.take(1);
    await bench.source.close();
    const before = resources();
    const source = await bench.connect();
    if (name === 'after work') await source.acknowledge(await bench.take(1, source));
    if (name === 'while receive waits') {
      await bench.take(3, source);
      void source.receive({ limit: 1, waitMs: HOUR_MS }, NEVER).catch(() => {});
    }
    await source.close();
    await endsEverything('source', before, bench.patienceMs);
  },
};
