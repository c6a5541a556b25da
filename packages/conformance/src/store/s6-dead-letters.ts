import type { DeadLetterFilter, NewMessage } from '@outrelay/core';
import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import { appendAndBury, listAll, recoveryOf } from '../bench/graveyard.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'recovery';

export const S6_1: StoreClause = {
  id: 'S6.1',
  title:
    'A dead letter keeps id, topic, key, headers, payload, content type, times, attempts, reason and error.',
  facet,
  cases: [
    { name: 'text' },
    { name: 'bytes' },
    { name: 'no body' },
    { name: 'after retries' },
    { name: 'blocking' },
  ],
  async run(bench, name) {
    let payload: NewMessage['payload'] = '{"id":9007199254740993}';
    if (name === 'bytes') payload = Uint8Array.from([0, 255, 0xc3, 0x28]);
    if (name === 'no body') payload = null;
    const before = (await bench.now()).getTime();
    const message = await bench.appendOne({
      key: "k'1",
      headers: { a: '1', 'x-🎈': '' },
      payload,
      contentType: 'a/b',
    });
    const { held, messages } = await bench.holdAndRead();
    if (name === 'after retries') await held.retry(messages, 0);
    const dying = name === 'after retries' ? await held.read() : messages;
    const createdAt = messages[0]?.createdAt;
    await bench.elapse(1_000);
    await held.bury(dying, { reason: 'attempts-exhausted', error: 'no \'"%s', block: name === 'blocking' });
    await held.release();
    const [letter, ...more] = (await recoveryOf(bench).list()).letters;
    holds(
      letter !== undefined && more.length === 0,
      `one message died and ${letter ? more.length + 1 : 0} letters are listed`,
    );
    const { deadAt, payload: kept, headers, ...rest } = letter;
    const { id, topic, key, contentType } = message;
    same({ ...headers }, { ...message.headers }, 'headers of the letter');
    same(payloadPrint(kept), payloadPrint(payload), 'payload of the letter');
    same(
      rest,
      {
        ...{
          id,
          topic,
          key,
          contentType,
          createdAt: createdAt as Date,
          attempts: name === 'after retries' ? 2 : 1,
        },
        ...{ reason: 'attempts-exhausted', error: 'no \'"%s', redrives: 0 },
        ...{ blocking: name === 'blocking', resolvedAt: null },
      },
      'the letter',
    );
    holds(deadAt.getTime() >= before, `the letter died at ${deadAt.toISOString()}, before its append`);
  },
};

export const S6_2: StoreClause = {
  id: 'S6.2',
  title:
    '`list` pages through all dead letters in the order they died, without repeating or missing one when others are added in between.',
  facet,
  cases: [
    { name: 'in pages' },
    { name: 'others are added' },
    { name: 'others are discarded' },
    { name: 'died in another order' },
  ],
  async run(bench, name) {
    const messages = bench.make.many(7);
    await bench.append(...messages);
    const order = name === 'died in another order' ? bench.random.shuffled(messages) : messages;
    const { held, messages: yielded } = await bench.holdAndRead();
    for (const message of order) await held.bury(yielded.filter(({ id }) => id === message.id));
    await held.release();
    let gone = 0;
    const between = async (): Promise<void> => {
      if (name === 'others are added') await appendAndBury(bench, [bench.make.stored()]);
      // The oldest, which the pages have shown already.
      if (name === 'others are discarded') gone += await recoveryOf(bench).discard({}, 1);
    };
    const letters = await listAll(bench, { limit: 3 }, between);
    const known = letters.filter(({ id }) => order.some((message) => message.id === id));
    sameOrder(known, order, 'letters listed page by page');
    same(new Set(letters.map(({ id }) => id)).size, letters.length, 'letters, each once');
    if (name === 'others are discarded') holds(gone > 0, 'nothing was discarded between the pages');
  },
};

interface Graveyard {
  readonly all: readonly NewMessage[];
  readonly filters: readonly (readonly [DeadLetterFilter, readonly NewMessage[]])[];
}

/** Six letters that differ in all that filters look at, and what each filter is to find. */
async function makeGraveyard(bench: StoreBench): Promise<Graveyard> {
  const a = bench.make.pair({ topic: 'a_', key: 'k' });
  const b = bench.make.pair({ topic: 'aX', key: 'K' });
  const c = bench.make.pair({ topic: 'a_', key: null });
  await appendAndBury(bench, a, { reason: 'rejected' });
  await bench.elapse(2_000);
  await appendAndBury(bench, b, { reason: 'attempts-exhausted' });
  await bench.elapse(2_000);
  await appendAndBury(bench, c, { reason: 'undecodable' });
  const deaths = new Map((await listAll(bench, {})).map(({ id, deadAt }) => [id, deadAt]));
  const [since, until] = [deaths.get(b[0].id), deaths.get(c[0].id)];
  const all = [...a, ...b, ...c];
  return {
    all,
    filters: [
      [{ ids: [a[1].id, 'nobody'] }, [a[1]]],
      [{ ids: [] }, []],
      [{ topic: 'a_' }, [...a, ...c]],
      [{ key: 'k' }, a],
      [{ reason: 'attempts-exhausted' }, b],
      [{ since }, [...b, ...c]],
      [{ until: since }, a],
      [{ since, until }, b],
      [{ topic: 'a_', reason: 'rejected', key: 'k', ids: [a[0].id] }, [a[0]]],
      [{ topic: 'a_', reason: 'attempts-exhausted' }, []],
      [{ topic: "a_' OR 1=1 --" }, []],
      [{}, all],
    ],
  };
}

export const S6_3: StoreClause = {
  id: 'S6.3',
  title: 'Filters by id, topic, key, reason and time choose exactly the matching ones.',
  facet,
  cases: [{ name: 'list' }, { name: 'redrive' }, { name: 'discard' }],
  async run(bench, name) {
    const recovery = recoveryOf(bench);
    let { filters, all } = await makeGraveyard(bench);
    for (let at = 0; at < filters.length; at++) {
      const [filter, expected] = filters[at] ?? [{}, []];
      const what = `${name} of ${JSON.stringify(filter)}`;
      if (name === 'list') {
        sameOrder(await listAll(bench, { ...filter, limit: 2 }), expected, what);
        continue;
      }
      same(await recovery[name === 'redrive' ? 'redrive' : 'discard'](filter, 100), expected.length, what);
      const left = all.filter((message) => !expected.includes(message));
      sameIds(await listAll(bench, {}), left, `letters left after ${what}`);
      await recovery.discard({}, 100);
      await bench.drain();
      ({ filters, all } = await makeGraveyard(bench));
    }
  },
};

export const S6_6: StoreClause = {
  id: 'S6.6',
  title: '`redrive` and `discard` take the oldest first and no more than asked for.',
  facet,
  cases: [{ name: 'redrive' }, { name: 'discard' }],
  async run(bench, name) {
    const messages = await appendAndBury(bench, bench.make.many(5));
    const verb = name === 'redrive' ? 'redrive' : 'discard';
    same(await recoveryOf(bench)[verb]({}, 2), 2, `answer to ${verb} with a limit of 2`);
    sameOrder(await listAll(bench, {}), messages.slice(2), 'letters left');
    sameIds(await bench.drain(), verb === 'redrive' ? messages.slice(0, 2) : [], 'messages available');
    same(await recoveryOf(bench)[verb]({}, 100), 3, `answer to ${verb} with a high limit`);
    same(await recoveryOf(bench)[verb]({}, 100), 0, `answer to ${verb} when nothing is left`);
    same(await listAll(bench, {}), [], 'letters in the end');
  },
};

export const S6_8: StoreClause = {
  id: 'S6.8',
  title: '`discard` removes a dead letter for good.',
  facet,
  async run(bench) {
    const [first, second] = bench.make.pair({ key: 'k' });
    await appendAndBury(bench, [first, second]);
    const recovery = recoveryOf(bench);
    same(await recovery.discard({ ids: [first.id] }, 10), 1, 'letters discarded');
    sameIds(await listAll(bench, { resolved: true }), [second], 'letters left, resolved ones included');
    same(await recovery.discard({ ids: [first.id] }, 10), 0, 'letters discarded again');
    same(await recovery.redrive({ ids: [first.id] }, 10), 0, 'letters redriven after they were discarded');
    await bench.elapse(bench.leaseMs * 2);
    sameIds(await bench.drain(), [], 'messages yielded after the discard');
    // The id is free again.
    await bench.append({ ...first });
    sameIds(await bench.drain(), [first], 'messages after the id was used again');
  },
};
