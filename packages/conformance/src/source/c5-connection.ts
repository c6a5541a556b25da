import { isOutboxError, type MessageSource, type SourceDelivery } from '@outrelay/core';
import { holds, refuses, rejects, same, sameIds } from '../bench/assertions.ts';
import { fullText } from '../bench/full-text.ts';
import { idsOf } from '../bench/source-bench.ts';
import type { SourceClause } from './source-clause.ts';

const NEVER = new AbortController().signal;

/** A call of each verb. */
const CALLS: Readonly<
  Record<string, (source: MessageSource, held: readonly SourceDelivery[]) => Promise<unknown>>
> = {
  receive: (source) => source.receive({ limit: 10, waitMs: 20 }, NEVER),
  acknowledge: (source, held) => source.acknowledge(held),
  reject: (source, held) =>
    source.reject(held.map((delivery) => ({ delivery, reason: 'rejected', error: 'said no' }))),
  release: (source, held) => source.release(held),
};

export const C5_1: SourceClause = {
  id: 'C5.1',
  title: 'While the broker cannot be reached, every call rejects with `TRANSPORT_UNAVAILABLE`.',
  needs: ['stopBroker'],
  cases: Object.keys(CALLS).map((name) => ({ name })),
  async run(bench, name) {
    await bench.publish(2);
    const held = await bench.take(2);
    const restore = await bench.power('stopBroker')(bench.place);
    try {
      await refuses(
        () => CALLS[name]?.(bench.source, held),
        ['TRANSPORT_UNAVAILABLE'],
        `${name} while the broker is away`,
      );
    } finally {
      await restore();
    }
  },
};

export const C5_2: SourceClause = {
  id: 'C5.2',
  title:
    'A broker that was away is used again without a new source, and what was not acknowledged is still delivered.',
  cases: [
    { name: 'stopped and started', needs: ['stopBroker'] },
    { name: 'killed and started', needs: ['killBroker'] },
  ],
  async run(bench, name) {
    const messages = await bench.publish(6);
    const held = await bench.take(4);
    if (name === 'killed and started') {
      await bench.power('killBroker')(bench.place);
    } else {
      const restore = await bench.power('stopBroker')(bench.place);
      await bench.look().catch(() => []);
      await restore();
    }
    const done = held.slice(0, 2);
    await bench.eventually('an acknowledgement to pass', () =>
      bench.source.acknowledge(done).then(
        () => true,
        () => false,
      ),
    );
    sameIds(idsOf(await bench.take(2)), messages.slice(4), 'deliveries of what nobody had in hands');
    await bench.source.close();
    const other = await bench.connect();
    sameIds(idsOf(await bench.take(4, other)), messages.slice(2), 'deliveries of what was not acknowledged');
  },
};

export const C5_3: SourceClause = {
  id: 'C5.3',
  title: 'A connection that is silently dead is noticed within the time the source documents.',
  needs: ['freezeConnections', 'noticesDeathWithinMs'],
  cases: [{ name: 'receive' }, { name: 'acknowledge' }],
  async run(bench, name) {
    await bench.publish(3);
    const held = await bench.take(2);
    const restore = await bench.power('freezeConnections')(bench.place);
    const withinMs = bench.power('noticesDeathWithinMs');
    const startMs = performance.now();
    let tookMs: number;
    try {
      await CALLS[name]?.(bench.source, held).catch((error: unknown) => {
        holds(isOutboxError(error), `a dead connection makes ${name} reject with ${String(error)}`);
      });
    } finally {
      tookMs = performance.now() - startMs;
      await restore();
    }
    holds(tookMs <= withinMs + 2_000, `it took ${Math.round(tookMs)} ms; ${withinMs} are documented`);
    await bench.eventually('an acknowledgement to pass', () =>
      bench.source.acknowledge(held).then(
        () => true,
        () => false,
      ),
    );
  },
};

export const C5_4: SourceClause = {
  id: 'C5.4',
  title: 'Every error says what happened, and holds neither passwords nor payloads.',
  needs: ['stopBroker'],
  cases: Object.keys(CALLS).map((name) => ({ name })),
  async run(bench, name) {
    const payload = `payload-${bench.random.hex(16)}`;
    await bench.publish(1, { payload: JSON.stringify(payload) });
    const held = await bench.take(1);
    const restore = await bench.power('stopBroker')(bench.place);
    let error: unknown;
    try {
      error = await rejects(() => CALLS[name]?.(bench.source, held), name);
    } finally {
      await restore();
    }
    const text = fullText(error);
    holds(error instanceof Error && error.message.length > 10, `the error says nothing: ${text}`);
    holds(!text.includes(payload), 'the error holds the payload');
    const spilt = (bench.harness.powers?.secrets ?? []).filter((secret) => text.includes(secret));
    same(spilt.length, 0, 'secrets of the configuration that the error holds');
  },
};
