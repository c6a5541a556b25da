import type { MaintenanceFacet } from '@outrelay/core';
import { holds, same, sameIds } from '../bench/assertions.ts';
import { appendAndBury } from '../bench/graveyard.ts';
import { onlyTopic, type StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'maintenance';
const MANY = 1_000;

function maintenanceOf(bench: StoreBench): MaintenanceFacet {
  const { maintenance } = bench.store;
  holds(maintenance !== undefined, 'the store has lost its maintenance facet');
  return maintenance;
}

/** Records a receipt in a transaction of its own; answers as the inbox does. */
async function record(bench: StoreBench, messageId: string): Promise<boolean | undefined> {
  const transaction = await bench.begin();
  const first = await bench.store.inbox?.record(transaction.handle, { consumer: 'billing', messageId });
  await transaction.commit();
  return first;
}

async function send(bench: StoreBench, count: number): Promise<readonly { id: string }[]> {
  const sent = await bench.appendMany(count, { key: 'sent' });
  sameIds(await bench.drain(), sent, 'messages sent');
  return sent;
}

async function remembered(bench: StoreBench, messages: readonly { id: string }[]): Promise<number> {
  let found = 0;
  for (const { id } of messages) found += (await bench.store.inspection?.find(id))?.length ?? 0;
  return found;
}

export const S8_1: StoreClause = {
  id: 'S8.1',
  title: '`purge` removes history and receipts older than the retention, and nothing else.',
  facet,
  needs: ['retention'],
  cases: [
    { name: 'history', facet: 'inspection' },
    { name: 'receipts', facet: 'inbox' },
    { name: 'nothing else' },
  ],
  async run(bench, name) {
    const { historyMs, receiptMs } = bench.power('retention');
    const maintenance = maintenanceOf(bench);
    if (name === 'history') {
      const sent = await send(bench, 3);
      await bench.elapse(historyMs / 2);
      await maintenance.purge({ limit: MANY });
      same(await remembered(bench, sent), 3, 'sent messages remembered half-way through the retention');
      await bench.elapse(historyMs / 2 + 1_000);
      const young = await send(bench, 2);
      same((await maintenance.purge({ limit: MANY })).more, false, 'more');
      same(await remembered(bench, sent), 0, 'sent messages remembered after the retention');
      same(await remembered(bench, young), 2, 'younger sent messages remembered');
    } else if (name === 'receipts') {
      same(await record(bench, 'm1'), true, 'first record');
      await bench.elapse(receiptMs / 2);
      await maintenance.purge({ limit: MANY });
      same(await record(bench, 'm1'), false, 'record half-way through the retention');
      same(await record(bench, 'm2'), true, 'first record of a younger receipt');
      await bench.elapse(receiptMs / 2 + 1_000);
      await maintenance.purge({ limit: MANY });
      same(await record(bench, 'm1'), true, 'record after the retention');
      same(await record(bench, 'm2'), false, 'record of the younger receipt');
    } else {
      const dead = await appendAndBury(bench, bench.make.pair({ key: 'dead' }));
      const availableAt = new Date((await bench.now()).getTime() + bench.leaseMs);
      const tried = bench.make.stored({ topic: 'tried', key: 'tried' });
      const kept = await bench.append(
        ...bench.make.pair({ key: 'fresh' }),
        bench.make.stored({ key: 'scheduled', availableAt }),
      );
      await bench.append(tried);
      const { held, messages } = await bench.holdAndRead(onlyTopic(tried.topic));
      await held.retry(messages, bench.leaseMs);
      await held.release();
      await bench.elapse(Math.max(historyMs, receiptMs) * 2);
      same((await maintenance.purge({ limit: MANY })).removed, 0, 'removed where nothing may be');
      sameIds(await bench.drain(), [...kept, tried], 'messages left by the purge');
      if (bench.store.recovery !== undefined)
        sameIds((await bench.store.recovery.list()).letters, dead, 'dead letters left by the purge');
    }
  },
};

/** Makes `count` rows that a purge may remove. */
async function makeOld(bench: StoreBench, count: number): Promise<void> {
  const { historyMs, receiptMs } = bench.power('retention');
  await send(bench, count);
  await bench.elapse(Math.max(historyMs, receiptMs) + 1_000);
}

export const S8_2: StoreClause = {
  id: 'S8.2',
  title: 'One call removes no more than its limit and tells whether there is more.',
  facet,
  needs: ['retention'],
  async run(bench) {
    const maintenance = maintenanceOf(bench);
    same(await maintenance.purge({ limit: 5 }), { removed: 0, more: false }, 'purge of an empty outbox');
    await makeOld(bench, 12);
    const reports = [];
    for (let call = 0; call < 4; call++) reports.push(await maintenance.purge({ limit: 5 }));
    for (const { removed, more } of reports) {
      holds(removed <= 5, `a purge with a limit of 5 removed ${removed}`);
      holds(!more || removed > 0, 'a purge tells of more and removes nothing');
    }
    const total = reports.reduce((sum, { removed }) => sum + removed, 0);
    same(total, 12, 'removed by four purges');
    same(reports[0]?.more, true, 'more, after the first of four purges');
    same(reports[3]?.more, false, 'more, after the last purge');
  },
};

export const S8_3: StoreClause = {
  id: 'S8.3',
  title: 'Purges at the same time neither fail nor remove twice.',
  facet,
  needs: ['retention'],
  async run(bench) {
    await makeOld(bench, 40);
    const stores = await Promise.all(Array.from({ length: 3 }, () => bench.connect()));
    let total = 0;
    for (let round = 0; round < 5; round++) {
      const reports = await Promise.all(stores.map(async (store) => store.maintenance?.purge({ limit: 10 })));
      for (const report of reports) total += report?.removed ?? 0;
    }
    same(total, 40, 'removed by purges at the same time, all together');
  },
};
