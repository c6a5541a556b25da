import { isOutboxError } from '@outrelay/core';
import { holds, sameIds } from '../bench/assertions.ts';
import { failureOf, turns } from '../bench/eventually.ts';
import { appendAndBury, listAll, recoveryOf } from '../bench/graveyard.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const ROUNDS = 12;

type Step = (bench: StoreBench) => Promise<unknown>;

/** How letters come and go; each begins with four messages of one key, dead ones unless they are to die. */
const STEPS: Readonly<Record<string, Step>> = {
  dies: async (bench) => {
    const held = await bench.claim();
    return held?.bury(await held.read());
  },
  'is redriven': (bench) => recoveryOf(bench).redrive({}, 10),
};

export const S5_11: StoreClause = {
  id: 'S5.11',
  title:
    'A connection that is killed while a message dies or is redriven leaves it in one place: pending, or among the dead letters.',
  facet: 'recovery',
  needs: ['killConnections'],
  cases: Object.keys(STEPS).map((name) => ({ name })),
  async run(bench, name) {
    for (let delay = 0; delay < ROUNDS; delay++) {
      const messages = bench.make.many(4, { key: 'k' });
      if (name === 'dies') await bench.append(...messages);
      else await appendAndBury(bench, messages);
      const step = failureOf(STEPS[name]?.(bench));
      await turns(delay);
      await bench.power('killConnections')(bench.installation);
      const error = await step;
      holds(
        error === undefined || (isOutboxError(error) && error.retryable),
        `it failed with ${String(error)} when its connection was killed; expected a retryable error`,
      );
      await bench.elapse(bench.leaseMs + 1);
      const pending = await onceItWorks(bench, () => bench.drain());
      const letters = await onceItWorks(bench, () => listAll(bench, {}));
      sameIds([...pending, ...letters], messages, 'messages pending or dead after the connection was killed');
      await recoveryOf(bench).discard({}, 10);
    }
  },
};

/** Dead connections of a pool may answer a first call with an error, which is retryable. */
function onceItWorks<T>(bench: StoreBench, call: () => Promise<T>): Promise<T> {
  return bench.eventually('the store to work again', () =>
    call().catch((error: unknown) => {
      if (isOutboxError(error) && error.retryable) return undefined;
      throw error;
    }),
  );
}
