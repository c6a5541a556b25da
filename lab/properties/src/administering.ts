import * as fc from 'fast-check';
import { broken, type StoreModel } from './model.ts';
import type { Setting } from './setting.ts';
import { LONG_MS, type Step, step, type Terms } from './step.ts';

/** Steps of time and of the people who look after an outbox. */
export function administeringSteps(terms: Terms): fc.Arbitrary<Step>[] {
  const free = (model: StoreModel): boolean => model.canRelay(terms.concurrentWriters);
  const letters = (model: StoreModel): boolean => free(model) && terms.recovers && model.letters.length > 0;
  return [
    fc.constant(
      step(
        'time passes',
        (model) => model.open.size === 0,
        async (model, real) => {
          await real.installation.elapse?.(LONG_MS);
          model.elapse(LONG_MS);
        },
      ),
    ),
    fc.integer({ min: 1, max: 3 }).map((limit) =>
      step(`redrive ${limit}`, letters, async (model, real) => {
        const count = await real.relay(0).recovery?.redrive({}, limit);
        const redriven = model.letters.splice(0, limit);
        if (count !== redriven.length)
          throw broken(`${count} letters were redriven, ${redriven.length} expected`);
        for (const { message } of redriven) {
          if (message.phase === 'blocked') model.remove(message);
          Object.assign(message, {
            attempts: 0,
            disappearances: 0,
            dueAtMs: 0,
            phase: 'retry',
            readBy: null,
          });
          model.restore(message);
        }
      }),
    ),
    fc.integer({ min: 1, max: 3 }).map((limit) =>
      step(`discard ${limit}`, letters, async (model, real) => {
        const count = await real.relay(0).recovery?.discard({}, limit);
        const discarded = model.letters.splice(0, limit);
        if (count !== discarded.length)
          throw broken(`${count} letters were discarded, ${discarded.length} expected`);
        for (const { message } of discarded) if (message.phase === 'blocked') model.remove(message);
      }),
    ),
    fc.constant(step('look at the status', (model) => free(model) && terms.inspects, compareStatus)),
  ];
}

/** Counts must agree: every message is in one of the states. */
async function compareStatus(model: StoreModel, real: Setting): Promise<void> {
  const status = await real.relay(0).inspection?.status();
  const sum = (of: 'pending' | 'waiting' | 'dead'): number =>
    (status?.topics ?? []).reduce((total, topic) => total + topic[of].value, 0);
  const alive = model.messages.filter(({ phase }) => phase !== 'blocked').length;
  if (sum('pending') + sum('waiting') !== alive)
    throw broken(`${sum('pending')} messages are pending and ${sum('waiting')} wait; there are ${alive}`);
  if (sum('dead') !== model.letters.length)
    throw broken(`${sum('dead')} messages are dead; there are ${model.letters.length}`);
}
