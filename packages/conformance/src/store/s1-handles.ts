import type { OutboxErrorCode } from '@outrelay/core';
import { IN_TRANSACTION } from '../bench/application.ts';
import { refuses, sameIds, sameOrder } from '../bench/assertions.ts';
import type { StoreClause } from './store-clause.ts';

const ENDED: readonly OutboxErrorCode[] = ['TRANSACTION_CLOSED', 'TRANSACTION_REQUIRED'];

export const S1_6: StoreClause = {
  id: 'S1.6',
  title: 'A handle without open transaction is refused with `TRANSACTION_REQUIRED`, and nothing is written.',
  async run(bench) {
    const root = await bench.installation.rootHandle();
    await refuses(
      () => bench.store.append(root, bench.make.many(2), IN_TRANSACTION),
      ['TRANSACTION_REQUIRED'],
      'an append without a transaction',
    );
    sameIds(await bench.drain(), [], 'messages written by an append that was refused');
  },
};

export const S1_7: StoreClause = {
  id: 'S1.7',
  title:
    'A handle whose transaction has ended is refused with `TRANSACTION_CLOSED` or `TRANSACTION_REQUIRED`.',
  cases: [{ name: 'after the commit' }, { name: 'after the rollback' }],
  async run(bench, name) {
    const transaction = await bench.begin();
    const early = bench.make.stored();
    await transaction.append(early);
    if (name === 'after the commit') await transaction.commit();
    else await transaction.rollback();
    await refuses(() => transaction.append(bench.make.stored()), ENDED, `an append ${name}`);
    const expected = name === 'after the commit' ? [early] : [];
    sameIds(await bench.drain(), expected, `messages yielded when an append came ${name}`);
  },
};

export const S1_19: StoreClause = {
  id: 'S1.19',
  title:
    'A rolled-back transaction leaves nothing of an append of any kind: with key and without, scheduled, strict, in bulk, behind a duplicate.',
  cases: [
    { name: 'with key' },
    { name: 'without key' },
    { name: 'scheduled' },
    { name: 'strict' },
    { name: 'in bulk' },
    { name: 'behind a duplicate' },
  ],
  async run(bench, name) {
    const earlier = bench.make.stored({ key: 'k' });
    if (name === 'behind a duplicate') await bench.append(earlier);
    const transaction = await bench.begin();
    let dropped = bench.make.many(1, { key: 'k' });
    if (name === 'without key') dropped = bench.make.many(1);
    if (name === 'scheduled') {
      const availableAt = new Date((await bench.now()).getTime() + bench.leaseMs);
      dropped = bench.make.many(1, { key: 'k', availableAt });
    }
    if (name === 'strict') {
      const ordering = bench.harness.capabilities.ordering === 'strict' ? 'strict' : 'key';
      dropped = bench.make.many(1, { key: 'k', ordering });
    }
    if (name === 'in bulk') dropped = bench.make.many(200, { key: 'k' });
    if (name === 'behind a duplicate') await transaction.append(earlier, ...dropped);
    else await transaction.append(...dropped);
    await transaction.rollback();
    await bench.elapse(bench.leaseMs * 2);
    const expected = name === 'behind a duplicate' ? [earlier] : [];
    sameIds(await bench.drain(), expected, `messages yielded after the rollback of an append ${name}`);
    // What was rolled back must not be remembered as there either: the application tries again under the same ids.
    const again = dropped.map((message) => ({ ...message, availableAt: null }));
    await bench.append(...again);
    sameOrder(await bench.drain(), again, 'messages yielded once the application has tried again');
  },
};
