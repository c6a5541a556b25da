import { same } from '../bench/assertions.ts';
import { HOSTILE_TEXTS } from '../bench/contents.ts';
import { charge, listParked, parkingOf, parkMany } from '../bench/parking-lot.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'parking';

export const S14_1: StoreClause = {
  id: 'S14.1',
  title: '`charge` adds one attempt to each delivery and answers with their numbers, in order.',
  facet,
  cases: [{ name: 'one at a time' }, { name: 'several in one call' }],
  async run(bench, name) {
    if (name === 'one at a time') {
      for (const attempts of [1, 2, 3])
        same(await charge(bench, 'm'), { attempts, parked: false }, `charge ${attempts}`);
      return;
    }
    const receipts = ['b', 'a', 'c'].map((messageId) => ({ consumer: 'billing', messageId }));
    await charge(bench, 'a');
    await charge(bench, 'c');
    await charge(bench, 'c');
    const numbers = (await parkingOf(bench).charge(receipts)).map(({ attempts }) => attempts);
    same(numbers, [1, 2, 3], 'attempts of deliveries that had 0, 1 and 2');
    same(await parkingOf(bench).charge([]), [], 'charge of nothing');
  },
};

export const S14_2: StoreClause = {
  id: 'S14.2',
  title: 'Charges of one delivery at the same time all count.',
  facet,
  async run(bench) {
    const stores = await Promise.all(Array.from({ length: 3 }, () => bench.connect()));
    const receipt = { consumer: 'billing', messageId: 'm' };
    const charges = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => stores[at % 3]?.parking?.charge([receipt])),
    );
    const numbers = charges.map((answers) => answers?.[0]?.attempts ?? 0).toSorted((a, b) => a - b);
    same(
      numbers,
      Array.from({ length: 12 }, (_, at) => at + 1),
      'attempts answered to 12 charges at once',
    );
    same((await charge(bench, 'm')).attempts, 13, 'attempts after them');
  },
};

export const S14_3: StoreClause = {
  id: 'S14.3',
  title: 'Deliveries are told apart by consumer and id, compared exactly, whatever texts these are.',
  facet,
  async run(bench) {
    const texts = ['m', 'M', 'm ', ' m', 'é', 'e\u0301', 'i'.repeat(255), '🦊', ...HOSTILE_TEXTS];
    // Joined without care, some of these pairs of consumer and id would be one.
    const pairs = [
      ...texts.map((text) => ['billing', text] as const),
      ...texts.map((text) => [text, 'n'] as const),
      ['a', 'b:c'] as const,
      ['a:b', 'c'] as const,
    ];
    for (const round of [1, 2]) {
      for (const [consumer, id] of pairs) {
        const what = `charge ${round} of ${JSON.stringify(id)} for ${JSON.stringify(consumer)}`;
        same((await charge(bench, id, consumer)).attempts, round, what);
      }
    }
  },
};

export const S14_4: StoreClause = {
  id: 'S14.4',
  title:
    'What the verbs of this facet write is part of no transaction of a caller and stays when one is rolled back.',
  facet,
  cases: [
    { name: 'before the transaction' },
    { name: 'while it is open', needs: ['concurrentWriters'] },
    { name: 'inside of work', facet: 'transactions', needs: ['concurrentWriters'] },
  ],
  async run(bench, name) {
    const work = async (): Promise<void> => {
      same((await charge(bench, 'm')).attempts, 1, 'first charge');
      await parkMany(bench, 1);
    };
    if (name === 'before the transaction') await work();
    if (name === 'inside of work') {
      const failure = new Error('the handler failed');
      const run = bench.store.transactions?.run(async () => {
        await work();
        throw failure;
      });
      same(await run?.catch((error: unknown) => error), failure, 'what the transaction ended with');
    } else {
      const transaction = await bench.begin();
      await transaction.append(bench.make.stored());
      if (name === 'while it is open') await work();
      await transaction.rollback();
    }
    same((await charge(bench, 'm')).attempts, 2, 'charge after the rollback');
    same((await listParked(bench)).length, 1, 'parked messages after the rollback');
  },
};

export const S14_16: StoreClause = {
  id: 'S14.16',
  title:
    '`purge` removes counts of attempts whose last charge is older than the retention of receipts, and no parked or redriven message.',
  facet: 'maintenance',
  needs: ['retention'],
  cases: [
    { name: 'counts', facet },
    { name: 'the last charge decides', facet },
    { name: 'messages', facet },
  ],
  async run(bench, name) {
    const { receiptMs } = bench.power('retention');
    const purge = async (): Promise<number | undefined> =>
      (await bench.store.maintenance?.purge({ limit: 1_000 }))?.removed;
    if (name === 'messages') {
      await parkMany(bench, 2);
      await parkingOf(bench).redrive({}, 1);
      await bench.elapse(receiptMs * 3);
      same(await purge(), 0, 'removed where nothing may be');
      same((await listParked(bench)).length, 2, 'messages left by the purge');
      return;
    }
    await charge(bench, 'old');
    await charge(bench, 'again');
    await bench.elapse(receiptMs / 2);
    await purge();
    if (name === 'the last charge decides') await charge(bench, 'again');
    await bench.elapse(receiptMs / 2 + 1_000);
    if (name === 'counts') await charge(bench, 'young');
    await purge();
    same((await charge(bench, 'old')).attempts, 1, 'charge after the retention');
    if (name === 'counts') same((await charge(bench, 'young')).attempts, 2, 'charge of a younger delivery');
    else same((await charge(bench, 'again')).attempts, 3, 'charge of a delivery that was charged again');
  },
};
