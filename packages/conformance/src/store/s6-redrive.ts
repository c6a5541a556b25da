import { uuidv7 } from '@outrelay/core';
import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import { appendAndBury, bury, listAll, recoveryOf } from '../bench/graveyard.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'recovery';

export const S6_4: StoreClause = {
  id: 'S6.4',
  title:
    "`redrive` makes a dead letter available again, attempts reset, at its old place in its key's order.",
  facet,
  cases: [{ name: 'at its old place' }, { name: 'attempts reset' }, { name: 'several' }],
  async run(bench, name) {
    const recovery = recoveryOf(bench);
    const [first, second, third] = bench.make.trio({ key: 'k' });
    if (name === 'attempts reset') {
      await bench.append(first);
      const { held, messages } = await bench.holdAndRead();
      await held.retry(messages, 0);
      await held.bury(await held.read());
      await held.release();
    } else if (name === 'several') {
      await bench.append(first, second, third);
      // The second dies before the first, so that the order of death is not the order of append.
      await bury(bench, [second, first]);
    } else {
      await appendAndBury(bench, [first]);
      await bench.append(second, third);
    }
    same(await recovery.redrive({}, 10), name === 'several' ? 2 : 1, 'letters redriven');
    sameIds(await listAll(bench, {}), [], 'letters left');
    const yielded = await bench.drain();
    const expected = name === 'attempts reset' ? [first] : [first, second, third];
    sameOrder(yielded, expected, 'messages of the key after the redrive');
    same([...new Set(yielded.map(({ attempt }) => attempt))], [1], 'attempts after the redrive');
  },
};

export const S6_5: StoreClause = {
  id: 'S6.5',
  title: 'Redriving twice, also at the same time, makes it available once.',
  facet,
  cases: [{ name: 'one after the other' }, { name: 'at the same time' }],
  async run(bench, name) {
    const messages = await appendAndBury(bench, bench.make.many(4));
    const redrives: number[] = [];
    if (name === 'at the same time') {
      const stores = await Promise.all(Array.from({ length: 3 }, () => bench.connect()));
      const calls = stores.map(async (store) => (await store.recovery?.redrive({}, 100)) ?? 0);
      redrives.push(...(await Promise.all(calls)));
    } else {
      for (let time = 0; time < 3; time++) redrives.push(await recoveryOf(bench).redrive({}, 100));
    }
    same(
      redrives.reduce((sum, count) => sum + count, 0),
      messages.length,
      `letters redriven, all calls together (${redrives.join(', ')})`,
    );
    sameIds(await bench.drain(), messages, 'messages available after redriving thrice');
  },
};

export const S6_7: StoreClause = {
  id: 'S6.7',
  title: '`redriveEdited` appends the corrected message under a new id and keeps the original as resolved.',
  facet,
  cases: [{ name: 'every field' }, { name: 'payload only' }, { name: 'nobody' }, { name: 'twice' }],
  async run(bench, name) {
    const recovery = recoveryOf(bench);
    if (name === 'nobody') {
      same(await recovery.redriveEdited(uuidv7(), {}), null, 'answer for an id that nobody has');
      return;
    }
    const original = bench.make.stored({ key: 'k', headers: { a: '1' }, payload: '{"wrong":1}' });
    await appendAndBury(bench, [original]);
    const later = await bench.appendOne({ key: 'k' });
    const edit =
      name === 'payload only'
        ? { payload: null }
        : { payload: '{"right":1}', headers: { b: '2' }, contentType: 'x/y', topic: 'corrected' };
    const id = await recovery.redriveEdited(original.id, edit);
    holds(id !== null && id !== '' && id !== original.id, `the corrected copy got the id ${id}`);
    if (name === 'twice')
      same(await recovery.redriveEdited(original.id, edit), null, 'answer to a second edit');
    const yielded = await bench.drain();
    sameOrder(
      yielded.filter(({ topic }) => topic === original.topic),
      name === 'payload only' ? [later, { id }] : [later],
      'messages of the old topic',
    );
    const copy = yielded.find((message) => message.id === id);
    const { topic, key, headers, payload, contentType } = { ...original, ...edit };
    same(
      copy === undefined
        ? null
        : { topic: copy.topic, key: copy.key, headers: { ...copy.headers }, contentType: copy.contentType },
      { topic, key, headers: { ...headers }, contentType },
      'the corrected copy',
    );
    same(payloadPrint(copy?.payload ?? null), payloadPrint(payload), 'payload of the corrected copy');
    same([copy?.attempt, copy?.deduplicationId], [1, id], 'attempt and deduplication id of the copy');
    sameIds(await listAll(bench, {}), [], 'unresolved letters');
    const kept = (await listAll(bench, { resolved: true })).map((letter) => [
      letter.id,
      payloadPrint(letter.payload),
      letter.resolvedAt !== null,
    ]);
    same(kept, [[original.id, payloadPrint('{"wrong":1}'), true]], 'resolved letters');
    same(await recovery.redrive({}, 10), 0, 'resolved letters that can be redriven');
  },
};

export const S6_9: StoreClause = {
  id: 'S6.9',
  title: 'Redriving, editing or discarding a blocking dead letter lets its key go on.',
  facet,
  cases: [{ name: 'redrive' }, { name: 'edit' }, { name: 'discard' }, { name: 'behind a retry' }],
  async run(bench, name) {
    const recovery = recoveryOf(bench);
    const [dead, second, third] = bench.make.trio({ key: 'k' });
    await bench.append(dead, second);
    if (name === 'behind a retry') {
      const { held, messages } = await bench.holdAndRead();
      await held.retry(messages, 0);
      await held.release();
    }
    await bury(bench, [dead], { block: true });
    await bench.append(third);
    sameIds(await bench.drain(), [], 'messages behind a blocking dead letter');
    let copy: string | null = null;
    if (name === 'edit') copy = await recovery.redriveEdited(dead.id, { payload: '{}' });
    else if (name === 'discard') same(await recovery.discard({ ids: [dead.id] }, 10), 1, 'discarded');
    else same(await recovery.redrive({ ids: [dead.id] }, 10), 1, 'redriven');
    const expected: Record<string, readonly { id: string }[]> = {
      edit: [second, third, { id: copy ?? 'no copy' }],
      discard: [second, third],
    };
    sameOrder(
      await bench.drain(),
      expected[name] ?? [dead, second, third],
      `messages of the key after ${name}`,
    );
  },
};
