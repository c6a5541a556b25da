import type { ClaimedMessage, SettleReport } from '@outrelay/core';
import { same, sameIds, sameOrderPerKey } from '../bench/assertions.ts';
import { HOSTILE_TEXTS } from '../bench/contents.ts';
import type { HeldLease } from '../bench/held-lease.ts';
import type { StoreClause } from './store-clause.ts';

export const S4_13: StoreClause = {
  id: 'S4.13',
  title: 'Error texts of any content and 2,000 characters are kept.',
  cases: [
    { name: 'of a retry', facet: 'inspection' },
    { name: 'of a death', facet: 'recovery' },
  ],
  async run(bench, name) {
    const texts = [...HOSTILE_TEXTS, '', 'x'.repeat(2_000), '🦊'.repeat(500), 'line\r\nline\ttab'];
    for (const text of texts) {
      const message = await bench.appendOne();
      const { held, messages } = await bench.holdAndRead();
      if (name === 'of a retry') await held.retry(messages, 0, text);
      else await held.bury(messages, { error: text });
      const kept =
        name === 'of a retry'
          ? (await bench.store.inspection?.find(message.id))?.[0]?.error
          : (await bench.store.recovery?.list({ ids: [message.id] }))?.letters[0]?.error;
      same(kept, text, 'error text that was kept');
      if (name === 'of a retry') await held.accept(await held.read());
      await held.release();
    }
  },
};

type Outcome = (held: HeldLease, messages: readonly ClaimedMessage[]) => Promise<SettleReport>;

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  accepted: (held, messages) => held.accept(messages),
  dead: (held, messages) => held.bury(messages),
  returned: (held, messages) => held.giveBack(messages),
};
const BETWEEN = ['of another key', 'of the same key'] as const;

export const S4_14: StoreClause = {
  id: 'S4.14',
  title:
    'A settle changes the messages it names and no other: none between them, before them or of their key.',
  cases: [
    { name: 'every other one' },
    { name: 'the first is left out' },
    ...BETWEEN.flatMap((where) =>
      Object.keys(OUTCOMES).map((outcome) => ({
        name: `${outcome}, one ${where} came in between`,
        needs: ['concurrentWriters' as const],
      })),
    ),
  ],
  async run(bench, name) {
    if (!name.includes('came in between')) {
      const appended = await bench.appendMany(9);
      const { held, messages } = await bench.holdAndRead();
      sameIds(messages, appended, 'messages yielded');
      const named = (_: ClaimedMessage, at: number): boolean =>
        name === 'every other one' ? at % 2 === 0 : at > 0;
      same(
        (await held.accept(messages.filter(named))).settled,
        name === 'every other one' ? 5 : 8,
        'settled',
      );
      await held.release();
      sameIds(
        await bench.drain(),
        messages.filter((message, at) => !named(message, at)),
        'messages left that no settle has named',
      );
      return;
    }
    // Begun and written before the others, so that its place in the order is before theirs; committed after their read.
    const slow = await bench.begin();
    const between = bench.make.stored({ key: name.includes('the same key') ? 'k' : 'other' });
    await slow.append(between);
    const appended = await bench.appendMany(3, { key: 'k' });
    const { held, messages } = await bench.holdAndRead();
    sameIds(messages, appended, 'messages yielded while an earlier transaction is open');
    await slow.commit();
    const outcome = name.slice(0, name.indexOf(','));
    same((await OUTCOMES[outcome]?.(held, messages))?.settled, 3, `settled as ${outcome}`);
    await held.release();
    const expected = outcome === 'returned' ? [between, ...appended] : [between];
    const left = await bench.drain();
    sameIds(left, expected, 'messages yielded after the settle, the one that came in between included');
    sameOrderPerKey(
      left.filter(({ id }) => id !== between.id),
      appended.filter(() => outcome === 'returned'),
      'order',
    );
  },
};
