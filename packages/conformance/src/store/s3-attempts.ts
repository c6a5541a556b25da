import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import type { StoreClause } from './store-clause.ts';

export const S3_11: StoreClause = {
  id: 'S3.11',
  title: 'A later message of a key is not yielded while an earlier one waits for a retry.',
  cases: [
    { name: 'under the same lease' },
    { name: 'under a new lease' },
    { name: 'appended meanwhile' },
    { name: 'when due' },
    { name: 'two that wait, the later one due first' },
  ],
  async run(bench, name) {
    const [first, second, third] = bench.make.trio({ key: 'k' });
    if (name === 'two that wait, the later one due first') {
      await bench.append(first, second);
      const { held, messages } = await bench.holdAndRead();
      await held.settle({
        retry: messages.map((message, at) => ({
          message,
          delayMs: at === 0 ? bench.leaseMs : 0,
          error: 'later',
        })),
      });
      sameIds(await held.read(), [], 'messages due behind one that waits, under the same lease');
      await held.release();
      sameIds(await bench.drain(), [], 'messages due behind one that waits');
      await bench.elapse(bench.leaseMs + 1);
      sameOrder(await bench.drain(), [first, second], 'messages once both retries are due');
      return;
    }
    const free = bench.make.stored({ key: 'free' });
    await bench.append(first, second, free);
    const { held, messages } = await bench.holdAndRead();
    sameIds(messages, [first, second, free], 'messages yielded');
    const ofKey = messages.filter(({ key }) => key === 'k');
    await held.settle({
      retry: ofKey.slice(0, 1).map((message) => ({ message, delayMs: bench.leaseMs / 2, error: 'later' })),
      accepted: messages.filter(({ key }) => key !== 'k'),
      returned: ofKey.slice(1),
    });
    if (name === 'under the same lease') sameIds(await held.read(), [], 'messages behind a waiting one');
    await held.release();
    if (name === 'appended meanwhile') await bench.append(third);
    sameIds(await bench.drain(), [], 'messages behind one that waits for a retry');
    if (name !== 'when due') return;
    await bench.append(third);
    await bench.elapse(bench.leaseMs / 2 + 1);
    sameOrder(await bench.drain(), [first, second, third], 'messages once the retry is due');
  },
};

export const S3_14: StoreClause = {
  id: 'S3.14',
  title: '`attempt` is 1 for a message that was never tried, and grows by one for each charged attempt.',
  async run(bench) {
    const appended = await bench.append(...bench.make.pair({ key: 'k' }));
    for (let attempt = 1; attempt <= 4; attempt++) {
      const { held, messages } = await bench.holdAndRead();
      sameOrder(messages, appended, `messages of attempt ${attempt}`);
      same(
        messages.map((message) => message.attempt),
        [attempt, attempt],
        'attempt of both messages',
      );
      await held.retry(messages, 0);
      await held.release();
    }
  },
};

export const S3_15: StoreClause = {
  id: 'S3.15',
  title: 'A row that cannot be turned into a message is yielded with `undecodable` and fails no other.',
  needs: ['corruptRow'],
  cases: [{ name: 'yielded' }, { name: 'settled as dead' }],
  async run(bench, name) {
    const [before, damaged, after] = bench.make.trio();
    await bench.append(before, damaged, after);
    await bench.power('corruptRow')(bench.installation, damaged.id);
    const { held, messages } = await bench.holdAndRead();
    sameIds(messages, [before, damaged, after], 'messages yielded beside a damaged row');
    for (const message of messages) {
      const { id, undecodable } = message;
      if (id === damaged.id)
        holds(undecodable !== null && undecodable !== '', 'the damaged row is not marked');
      else same(undecodable, null, `undecodable of the healthy message ${id}`);
    }
    const dead = messages.filter(({ undecodable }) => undecodable !== null);
    const accepted = messages.filter(({ undecodable }) => undecodable === null);
    const report = await held.settle({
      accepted,
      dead: dead.map((message) => ({ message, reason: 'undecodable', error: 'damaged', block: false })),
    });
    same(report.settled, 3, 'messages settled');
    await held.release();
    sameIds(await bench.drain(), [], 'messages left');
    if (name === 'yielded' || bench.store.recovery === undefined) return;
    const { letters } = await bench.store.recovery.list();
    same(
      letters.map(({ id, reason }) => [id, reason]),
      [[damaged.id, 'undecodable']],
      'dead letters',
    );
  },
};

export const S3_16: StoreClause = {
  id: 'S3.16',
  title: '`deduplicationId` is the id, and a new one after each redrive.',
  cases: [{ name: 'never redriven' }, { name: 'redriven', facet: 'recovery' }],
  async run(bench, name) {
    const message = await bench.appendOne({ key: 'k' });
    const seen: string[] = [];
    const rounds = name === 'redriven' ? 3 : 1;
    for (let round = 0; round < rounds; round++) {
      const { held, messages } = await bench.holdAndRead();
      sameIds(messages, [message], 'messages yielded');
      seen.push(...messages.map(({ deduplicationId }) => deduplicationId));
      // A retry is the same delivery, so it keeps its name.
      await held.retry(messages, 0);
      const again = await held.read();
      seen.push(...again.map(({ deduplicationId }) => deduplicationId));
      await held.bury(again);
      await held.release();
      same(seen.at(-1), seen.at(-2), 'deduplication id of a retry');
      if (round < rounds - 1)
        same(await bench.store.recovery?.redrive({ ids: [message.id] }, 10), 1, 'redriven');
    }
    same(seen[0], message.id, 'deduplication id before any redrive');
    same(new Set(seen).size, rounds, `different deduplication ids in ${rounds} deliveries`);
  },
};
