import type { ClaimedMessage, SettleReport } from '@outrelay/core';
import { holds, same, sameIds, sameOrder, sameTexts } from '../bench/assertions.ts';
import { turns } from '../bench/eventually.ts';
import type { HeldLease } from '../bench/held-lease.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const RACES = 24;

export const S4_8: StoreClause = {
  id: 'S4.8',
  title: 'A message that the lease cannot have yielded is reported in `unknown` or `lost` and left alone.',
  cases: [{ name: 'of another lease' }, { name: 'of an earlier lease' }],
  async run(bench, name) {
    const message = await bench.appendOne({ topic: 'first', key: 'k' });
    const one = await bench.holdAndRead();
    sameIds(one.messages, [message], 'messages yielded to the first lease');
    if (name === 'of an earlier lease') {
      await one.held.release();
      const two = await bench.holdAndRead({ store: await bench.connect() });
      sameIds(two.messages, [message], 'messages yielded to the second lease');
      const report = await one.held.accept(one.messages);
      sameTexts([...report.lost, ...report.unknown], [message.id], 'messages refused to the first lease');
      await two.held.giveBack(two.messages);
      await two.held.release();
    } else {
      // A lease that was given back cannot have yielded what came later.
      await one.held.accept(one.messages);
      const other = await bench.appendOne({ topic: 'second', key: 'other' });
      await one.held.release();
      const two = await bench.holdAndRead({ store: await bench.connect() });
      sameIds(two.messages, [other], 'messages yielded to the second lease');
      const report = await one.held.accept(two.messages);
      sameTexts([...report.lost, ...report.unknown], [other.id], 'messages refused to the first lease');
      same(report.settled, 0, 'messages settled under a lease that never yielded them');
      sameIds((await two.held.giveBack(two.messages)).settled === 1 ? [other] : [], [other], 'left alone');
      await two.held.release();
    }
    same((await bench.drain()).length, 1, 'messages left alone');
  },
};

export const S4_9: StoreClause = {
  id: 'S4.9',
  title: 'After the end of the lease outcomes are recorded as long as nobody has taken over.',
  cases: [{ name: 'accepted' }, { name: 'retry' }, { name: 'dead' }],
  async run(bench, name) {
    await bench.appendMany(3, { key: 'k' });
    const { held, messages } = await bench.holdAndRead();
    await bench.elapse(bench.leaseMs + 1);
    let report: SettleReport;
    if (name === 'retry') report = await held.retry(messages, bench.leaseMs);
    else report = name === 'dead' ? await held.bury(messages) : await held.accept(messages);
    same(report.settled, 3, 'messages settled after the end of the lease');
    same([report.alreadySettled, report.lost, report.unknown], [[], [], []], 'messages not settled');
    await held.release();
    sameIds(await bench.drain(), [], 'messages yielded after a late settle');
  },
};

export const S4_10: StoreClause = {
  id: 'S4.10',
  title: 'Once somebody has taken over, outcomes are refused, reported in `lost`, and change nothing.',
  cases: [
    { name: 'accepted' },
    { name: 'retry' },
    { name: 'dead' },
    { name: 'returned' },
    { name: 'before the new holder has read' },
    { name: 'after the new holder has settled a part' },
  ],
  async run(bench, name) {
    const appended = await bench.appendMany(3, { key: 'k' });
    const old = await bench.holdAndRead();
    await bench.elapse(bench.leaseMs + 1);
    const now = await bench.hold({ store: await bench.connect(), relay: 'relay-2' });
    const taken = name === 'before the new holder has read' ? [] : await now.read();
    const settled = name === 'after the new holder has settled a part' ? taken.slice(0, 1) : [];
    if (settled.length > 0) await now.accept(settled);
    let report: SettleReport;
    if (name === 'retry') report = await old.held.retry(old.messages, bench.leaseMs * 10);
    else if (name === 'dead') report = await old.held.bury(old.messages, { block: true });
    else if (name === 'returned') report = await old.held.giveBack(old.messages);
    else report = await old.held.accept(old.messages);
    same(report.settled, 0, 'messages settled under a lease that was taken over');
    // A message that the new holder settled is gone, whoever asks.
    const gone = new Set(settled.map(({ id }) => id));
    const expected = appended.map(({ id }) => id).filter((id) => !gone.has(id));
    sameTexts(
      [...report.lost].filter((id) => !gone.has(id)),
      expected,
      'messages reported as lost',
    );
    await now.giveBack(taken.slice(settled.length));
    const left = await readOn(now);
    sameOrder(left, appended.slice(settled.length), 'messages that the new holder still yields');
    if (bench.store.recovery !== undefined)
      sameIds((await bench.store.recovery.list()).letters, [], 'dead letters by a lease that was taken over');
  },
};

/** Reads until nothing comes, accepting; suspects come one at a time. */
async function readOn(held: HeldLease): Promise<ClaimedMessage[]> {
  const all: ClaimedMessage[] = [];
  for (let messages = await held.read(); messages.length > 0; messages = await held.read()) {
    all.push(...messages);
    await held.accept(messages);
  }
  return all;
}

/** Settles and takes over at the same moment; answers with what came of both. */
async function race(
  bench: StoreBench,
  old: { held: HeldLease; messages: Awaited<ReturnType<HeldLease['read']>> },
  takeOver: () => Promise<HeldLease | null>,
): Promise<void> {
  const [report, now] = await Promise.all([
    turns(bench.random.below(4)).then(() => old.held.accept(old.messages)),
    turns(bench.random.below(4)).then(async () => {
      const taken = await takeOver();
      // Read at once, as a relay does: what is published twice is published from here.
      return taken === null ? null : { taken, first: await taken.read() };
    }),
  ]);
  const yielded = [...(now?.first ?? [])];
  if (now !== null) {
    await now.taken.accept(now.first);
    yielded.push(...(await readOn(now.taken)));
  }
  const ids = old.messages.map(({ id }) => id);
  holds(
    report.settled === 0 || report.settled === ids.length,
    `of one key, ${report.settled} of ${ids.length} outcomes were recorded and the rest refused`,
  );
  const again = yielded.map(({ id }) => id).filter((id) => ids.includes(id));
  if (report.settled > 0)
    same(again, [], 'messages recorded as accepted and yielded to the new holder all the same');
  await now?.taken.release();
  const left = await bench.drain();
  const rest = [...again, ...left.map(({ id }) => id).filter((id) => ids.includes(id))];
  sameTexts(rest, report.settled > 0 ? [] : ids, 'messages yielded after the race');
}

export const S4_11: StoreClause = {
  id: 'S4.11',
  title: 'A settle that races with a take-over is wholly valid or wholly refused for each key.',
  cases: [{ name: 'at any moment' }, { name: 'stopped in the settle', needs: ['pauseAt'] }],
  async run(bench, name) {
    const store = await bench.connect();
    const takeOver = (): Promise<HeldLease | null> => bench.claim({ store, relay: 'relay-2' });
    const rounds = name === 'at any moment' ? RACES : 1;
    for (let round = 0; round < rounds; round++) {
      await bench.appendMany(3, { key: 'k' });
      const old = await bench.holdAndRead();
      await bench.elapse(bench.leaseMs + 1);
      if (name === 'at any moment') {
        await race(bench, old, takeOver);
        continue;
      }
      const pause = await bench.power('pauseAt')(bench.installation, 'settle');
      await race(bench, old, async () => {
        await pause.reached;
        const claiming = takeOver();
        await turns(20);
        pause.resume();
        return claiming;
      });
    }
  },
};

export const S4_12: StoreClause = {
  id: 'S4.12',
  title:
    'While a dead letter that was settled with `block` is unresolved, later messages of its key are not yielded, and those of other keys are.',
  cases: [{ name: 'behind it' }, { name: 'appended later' }, { name: 'not without block' }],
  async run(bench, name) {
    const [dying, behind, later] = bench.make.trio({ key: 'k' });
    const [other, elsewhere] = [
      bench.make.stored({ key: 'other' }),
      bench.make.stored({ topic: 'elsewhere', key: 'k' }),
    ];
    await bench.append(dying, behind, other, elsewhere);
    const { held, messages } = await bench.holdAndRead();
    const block = name !== 'not without block';
    await held.bury(
      messages.filter(({ id }) => id === dying.id),
      { block },
    );
    await held.giveBack(messages.filter(({ id }) => id !== dying.id));
    sameIds(
      await readOn(held),
      block ? [other, elsewhere] : [behind, other, elsewhere],
      'messages yielded under the same lease',
    );
    await held.release();
    if (name === 'appended later') await bench.append(later);
    await bench.elapse(bench.leaseMs * 2);
    sameIds(await bench.drain(), [], 'messages yielded behind a blocking dead letter');
  },
};
