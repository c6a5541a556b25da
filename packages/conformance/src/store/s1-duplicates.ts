import type { NewMessage } from '@outrelay/core';
import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import { appendAndBury, listAll, recoveryOf } from '../bench/graveyard.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

export const S1_9: StoreClause = {
  id: 'S1.9',
  title:
    "The id of a message that exists is not written again, is reported in `duplicates`, and leaves the caller's transaction usable; also inside one append.",
  when: { duplicateIds: 'ignored' },
  cases: [
    { name: 'across transactions' },
    { name: 'inside one append' },
    { name: 'inside one transaction' },
    { name: 'scheduled' },
    { name: 'waiting for a retry' },
    { name: 'under a lease' },
    { name: 'beside a redriven one', facet: 'recovery' },
    { name: 'in two transactions at once', needs: ['concurrentWriters'] },
    { name: 'in two transactions at once, the first rolled back', needs: ['concurrentWriters'] },
  ],
  async run(bench, name) {
    const [first, other, last] = bench.make.trio({ key: 'k' });
    const again = { ...bench.make.stored({ key: 'k' }), id: first.id };
    if (name === 'beside a redriven one') {
      await appendBesideRedriven(bench, [first, again]);
      return;
    }
    if (name.startsWith('in two transactions')) {
      const [one, two] = [await bench.begin(), await bench.begin()];
      await one.append(first);
      // A unique index makes the second wait for the end of the first.
      const second = two.append(again, other);
      const rolledBack = name.endsWith('rolled back');
      await (rolledBack ? one.rollback() : one.commit());
      await second;
      await two.commit();
      const yielded = await bench.drain();
      const written = rolledBack ? again : first;
      sameIds(yielded, [written, other], 'messages after two transactions wrote one id');
      const kept = yielded.filter(({ id }) => id === first.id).map(printOf);
      same(kept, [printOf(written)], 'payload of the id that both wrote');
      return;
    }
    if (name === 'scheduled') {
      const availableAt = new Date((await bench.now()).getTime() + bench.leaseMs);
      await bench.append({ ...first, availableAt });
    }
    if (['across transactions', 'waiting for a retry', 'under a lease'].includes(name))
      await bench.append(first);
    const held = name === 'under a lease' ? await bench.holdAndRead() : null;
    if (name === 'waiting for a retry') {
      const { held: failing, messages } = await bench.holdAndRead();
      await failing.retry(messages, bench.leaseMs);
      await failing.release();
    }
    const transaction = await bench.begin();
    if (name === 'inside one append') {
      const { duplicates } = await transaction.append(first, other, again);
      same(duplicates, [first.id], 'duplicates reported');
    } else {
      if (name === 'inside one transaction') await transaction.append(first);
      const { duplicates } = await transaction.append(again, other);
      same(duplicates, [first.id], 'duplicates reported');
    }
    await transaction.append(last);
    await transaction.commit();
    await held?.held.giveBack(held.messages);
    await held?.held.release();
    await bench.elapse(bench.leaseMs * 2);
    const yielded = await bench.drain();
    sameOrder(yielded, [first, other, last], 'messages yielded around a duplicate');
    same(yielded.map(printOf)[0], printOf(first), 'payload of the message that was there first');
  },
};

export const S1_10: StoreClause = {
  id: 'S1.10',
  title: 'A repeated id is written again, and both messages are yielded.',
  when: { duplicateIds: 'stored' },
  cases: [{ name: 'across transactions' }, { name: 'inside one append' }],
  async run(bench, name) {
    const first = bench.make.stored({ key: 'k' });
    const again = { ...bench.make.stored({ key: 'k' }), id: first.id };
    if (name === 'inside one append') {
      await bench.append(first, again);
    } else {
      await bench.append(first);
      await bench.append(again);
    }
    const yielded = await bench.drain();
    same(
      yielded.map((message) => [message.id, printOf(message)]),
      [first, again].map((message) => [message.id, printOf(message)]),
      'messages yielded with the id that was given twice',
    );
  },
};

export const S1_21: StoreClause = {
  id: 'S1.21',
  title:
    'An id is free again once its message was accepted or died: what is appended under it then is a message like any other.',
  cases: [
    { name: 'accepted' },
    { name: 'accepted again' },
    { name: 'dead' },
    { name: 'dead again', facet: 'recovery' },
    { name: 'pending beside its dead letter', facet: 'recovery' },
  ],
  async run(bench, name) {
    const first = bench.make.stored({ key: 'k' });
    const second = { ...bench.make.stored({ key: 'k' }), id: first.id };
    if (name.startsWith('accepted')) {
      await bench.append(first);
      sameIds(await bench.drain(), [first], 'messages yielded for the first time');
    } else {
      await appendAndBury(bench, [first]);
    }
    if (name === 'dead again') {
      await appendAndBury(bench, [second]);
      const letters = await listAll(bench, {});
      same(letters.map(printOf), [first, second].map(printOf), 'dead letters under one id, by payload');
      return;
    }
    await bench.append(second);
    if (name === 'pending beside its dead letter') {
      await redriveLosesNothing(bench, [first, second]);
      return;
    }
    const yielded = await bench.drain();
    same(yielded.map(printOf), [printOf(second)], 'payloads yielded under the id that was used again');
    if (name !== 'accepted again') return;
    await bench.append(first);
    same(
      (await bench.drain()).map(printOf),
      [printOf(first)],
      'payloads yielded under the id for the third time',
    );
  },
};

/** Where a letter may be redriven while its id is pending, the id has two messages, and is free when both are gone. */
async function appendBesideRedriven(
  bench: StoreBench,
  [first, second]: readonly [NewMessage, NewMessage],
): Promise<void> {
  await appendAndBury(bench, [first]);
  await bench.append(second);
  const messages = 1 + (await recoveryOf(bench).redrive({}, 10));
  const { held, messages: looked } = await bench.holdAndRead();
  await held.giveBack(looked);
  for (let left = messages - 1; left >= 0; left--) {
    const yielded = await held.read();
    holds(yielded.length > 0, `nothing is yielded, and ${left + 1} messages of the id are left`);
    await held.accept(yielded.slice(0, 1));
    const transaction = await bench.begin();
    const { duplicates } = await transaction.append({ ...bench.make.stored({ key: 'k' }), id: first.id });
    await transaction.commit();
    same(duplicates, left > 0 ? [first.id] : [], `duplicates while ${left} messages of the id are left`);
  }
  await held.release();
}

function printOf({ payload }: Pick<NewMessage, 'payload'>): string {
  return payloadPrint(payload);
}

/** The letter may come back or stay one while its id is pending; it may not vanish, nor take the other with it. */
async function redriveLosesNothing(bench: StoreBench, messages: readonly NewMessage[]): Promise<void> {
  const redriven = await recoveryOf(bench).redrive({}, 10);
  const yielded = await bench.drain();
  const letters = await listAll(bench, {});
  const found = [...yielded, ...letters].map(printOf).toSorted();
  same(found, messages.map(printOf).toSorted(), 'payloads yielded or dead after the redrive');
  holds(letters.length === 1 - redriven, `${redriven} letters were redriven and ${letters.length} are left`);
}
