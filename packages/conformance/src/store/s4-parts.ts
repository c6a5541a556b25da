import type { SettleReport } from '@outrelay/core';
import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

/** How many were settled, when nothing else is reported. */
function settledBy({ settled, alreadySettled, lost, unknown }: SettleReport): number {
  same([alreadySettled, lost, unknown], [[], [], []], 'alreadySettled, lost and unknown');
  return settled;
}

/** Messages that wait behind a retry of their key may come with it, and each has an outcome of its own. */
async function settleKeyInParts(bench: StoreBench): Promise<void> {
  const appended = await bench.appendMany(4, { key: 'k' });
  const { held, messages } = await bench.holdAndRead();
  sameOrder(messages, appended, 'messages yielded');
  await held.retry(messages.slice(0, 1), 0);
  // The first read may find out only what waits behind the retry.
  await held.giveBack(await held.read());
  let left = appended;
  for (let yielded = await held.read(); left.length > 0; yielded = await held.read()) {
    sameOrder(yielded, left.slice(0, yielded.length), 'messages yielded of those that are left');
    const [first, second] = yielded;
    holds(first !== undefined, 'nothing is yielded of what is left');
    same(settledBy(await held.accept([first])), 1, 'report on the first');
    left = left.slice(1);
    if (second === undefined || second.attempt > 1) continue;
    const report = await held.retry([second], 0);
    same(settledBy(report), 1, 'report on the second, which is to be tried again');
    const [again] = await held.read();
    same([again?.id, again?.attempt], [second.id, 2], 'id and attempt of the second, tried again');
  }
}

export const S4_6: StoreClause = {
  id: 'S4.6',
  title: 'Some of the messages that were read can be settled; the others stay under the lease.',
  cases: [{ name: 'keys of their own' }, { name: 'one key, after a retry' }],
  async run(bench, name) {
    if (name === 'one key, after a retry') {
      await settleKeyInParts(bench);
      return;
    }
    const appended = await bench.appendMany(6);
    const { held, messages } = await bench.holdAndRead();
    sameIds(messages, appended, 'messages yielded');
    const report = await held.accept(messages.slice(0, 2));
    same(settledBy(report), 2, 'report on the first part');
    const rest = messages.slice(2);
    const others = await bench.available({ store: await bench.connect(), relay: 'relay-2' });
    sameIds(others, [], 'messages that another relay got of the rest');
    same(settledBy(await held.accept(rest.slice(0, 1))), 1, 'report on the second part');
    await held.release();
    sameIds(await bench.drain(), rest.slice(1), 'messages left after the release');
  },
};
