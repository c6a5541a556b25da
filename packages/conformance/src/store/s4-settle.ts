import type { NewMessage } from '@outrelay/core';
import { holds, same, sameIds, sameOrder, sameTexts } from '../bench/assertions.ts';
import { appendAndBury, listAll, recoveryOf } from '../bench/graveyard.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const NOTHING = { settled: 0, alreadySettled: [], lost: [], unknown: [] };

/** A report without its hint. */
function told(report: {
  readonly settled: number;
  readonly alreadySettled: readonly string[];
  readonly lost: readonly string[];
  readonly unknown: readonly string[];
}): object {
  const { settled, alreadySettled, lost, unknown } = report;
  return { settled, alreadySettled: [...alreadySettled], lost: [...lost], unknown: [...unknown] };
}

export const S4_1: StoreClause = {
  id: 'S4.1',
  title:
    'The report accounts for every settlement exactly once: `settled`, `alreadySettled`, `lost` or `unknown`.',
  cases: [{ name: 'of every kind' }, { name: 'nothing' }, { name: 'some are gone' }],
  async run(bench, name) {
    await bench.appendMany(8);
    const { held, messages } = await bench.holdAndRead();
    if (name === 'nothing') {
      same(told(await held.settle({})), NOTHING, 'report of an empty settle');
      return;
    }
    const done = name === 'some are gone' ? messages.slice(0, 3) : [];
    if (done.length > 0) await held.accept(done);
    const [a, b, c, d, ...rest] = messages;
    holds(
      a !== undefined && b !== undefined && c !== undefined && d !== undefined,
      'fewer than 8 were yielded',
    );
    const report = await bench.raw.settle(held.lease, {
      accepted: [a, b],
      retry: [{ message: c, delayMs: 0, error: 'later' }],
      dead: [{ message: d, reason: 'rejected', error: 'refused', block: false }],
      returned: rest,
    });
    const gone = done.map(({ id }) => id);
    same(report.settled, 8 - gone.length, 'settled');
    sameTexts(report.alreadySettled, gone, 'alreadySettled');
    same([report.lost, report.unknown], [[], []], 'lost and unknown');
  },
};

export const S4_2: StoreClause = {
  id: 'S4.2',
  title: 'An accepted message is never yielded again.',
  cases: [
    { name: 'by the relay that accepted it' },
    { name: 'by another when that relay is gone' },
    { name: 'a thousand at once' },
  ],
  async run(bench, name) {
    if (name === 'a thousand at once') {
      const many = Array.from({ length: 1_000 }, (_, at) => bench.make.stored({ key: `k${at % 20}` }));
      await bench.append(...many);
      const { held, messages } = await bench.holdAndRead();
      same(told(await held.accept(messages)), { ...NOTHING, settled: messages.length }, 'report');
      await held.release();
      sameIds([...messages, ...(await bench.drain())], many, 'messages yielded, all accepted at once');
      return;
    }
    if (name === 'by another when that relay is gone') {
      await bench.appendMany(4, { key: 'k' });
      const gone = await bench.holdAndRead({ store: await bench.connect() });
      same(told(await gone.held.accept(gone.messages)), { ...NOTHING, settled: 4 }, 'report');
      // Nothing follows the settle: no release, no close. What was reported is recorded.
      await bench.elapse(bench.leaseMs + 1);
      sameIds(await bench.drain({ relay: 'relay-2' }), [], 'messages yielded after the relay was gone');
      return;
    }
    const appended = await bench.appendMany(4, { key: 'k' });
    const { held, messages } = await bench.holdAndRead();
    sameOrder(messages, appended, 'messages yielded');
    same(told(await held.accept(messages)), { ...NOTHING, settled: 4 }, 'report');
    sameIds(await held.read(), [], 'messages yielded again under the same lease');
    await held.release();
    sameIds(await bench.drain(), [], 'messages yielded again under a new lease');
    await bench.elapse(bench.leaseMs * 2);
    sameIds(await bench.drain({ store: await bench.connect() }), [], 'messages yielded again later');
  },
};

export const S4_3: StoreClause = {
  id: 'S4.3',
  title:
    "A message settled for retry is yielded again once `delayMs` has passed by the database's clock, its `attempt` one higher, and not before.",
  cases: [{ name: 'with key' }, { name: 'without key' }, { name: 'without delay' }, { name: 'thrice' }],
  async run(bench, name) {
    const message = await bench.appendOne({ key: name === 'without key' ? null : 'k' });
    const delayMs = name === 'without delay' ? 0 : bench.leaseMs / 2;
    for (let attempt = 1; attempt <= (name === 'thrice' ? 3 : 1); attempt++) {
      const { held, messages } = await bench.holdAndRead();
      sameIds(messages, [message], 'messages yielded');
      same(told(await held.retry(messages, delayMs)), { ...NOTHING, settled: 1 }, 'report');
      await held.release();
      if (delayMs > 0) {
        sameIds(await bench.available(), [], 'messages yielded before the delay has begun to pass');
        await bench.elapse(delayMs / 2);
        sameIds(await bench.available(), [], 'messages yielded half-way through the delay');
        await bench.elapse(delayMs / 2 + 1);
      }
      const again = await bench.available();
      sameIds(again, [message], 'messages yielded after the delay');
      same(again[0]?.attempt, attempt + 1, 'attempt after the retry');
    }
  },
};

export const S4_4: StoreClause = {
  id: 'S4.4',
  title: 'A message settled as dead is not yielded again and becomes a dead letter (S6).',
  cases: [{ name: 'not yielded again' }, { name: 'is a dead letter', facet: 'recovery' }],
  async run(bench, name) {
    const [dying, next, other] = bench.make.trio({ key: 'k' });
    await bench.append(dying, next, { ...other, key: null });
    const { held, messages } = await bench.holdAndRead();
    const first = messages.filter(({ id }) => id === dying.id);
    same(told(await held.bury(first)), { ...NOTHING, settled: 1 }, 'report');
    await held.giveBack(messages.filter(({ id }) => id !== dying.id));
    await held.release();
    if (name === 'is a dead letter') {
      const page = await bench.store.recovery?.list();
      sameIds(page?.letters ?? [], [dying], 'dead letters');
      return;
    }
    sameIds(await bench.drain(), [next, other], 'messages left');
    await bench.elapse(bench.leaseMs * 2);
    sameIds(await bench.drain(), [], 'messages yielded later');
  },
};

export const S4_5: StoreClause = {
  id: 'S4.5',
  title: 'A returned message is yielded again, its `attempt` unchanged.',
  cases: [{ name: 'fresh' }, { name: 'tried before' }],
  async run(bench, name) {
    const appended = await bench.appendMany(3, { key: 'k' });
    const tried = name === 'tried before';
    for (let round = 0; round < 3; round++) {
      const { held, messages } = await bench.holdAndRead();
      sameOrder(messages, appended, `messages of round ${round + 1}`);
      const attempt = tried && round > 0 ? 2 : 1;
      same(
        messages.map((message) => message.attempt),
        [attempt, attempt, attempt],
        `attempts of round ${round + 1}`,
      );
      const report = tried && round === 0 ? await held.retry(messages, 0) : await held.giveBack(messages);
      same(told(report), { ...NOTHING, settled: 3 }, 'report');
      sameOrder(await held.read(), appended, 'messages read again under the same lease');
      await held.release();
    }
  },
};

/** What a message has been through, by which its redriven self could be taken for it: its place and attempts. */
const PASTS: Readonly<Record<string, (bench: StoreBench) => Promise<NewMessage>>> = {
  'redriven, scheduled': async (bench) => {
    const availableAt = new Date((await bench.now()).getTime() + bench.leaseMs);
    const message = await bench.appendOne({ key: 'k', availableAt });
    await bench.elapse(bench.leaseMs + 1);
    return message;
  },
  'redriven, retried': async (bench) => {
    const message = await bench.appendOne({ key: 'k' });
    const { held, messages } = await bench.holdAndRead();
    await held.retry(messages, 0);
    await held.release();
    return message;
  },
  'redriven, for the second time': async (bench) => {
    const message = bench.make.stored({ key: 'k' });
    await appendAndBury(bench, [message]);
    same(await recoveryOf(bench).redrive({}, 10), 1, 'letters redriven the first time');
    return message;
  },
};

/** Lets a message die beside one that is accepted, redrives it, and settles both again as after a lost answer. */
async function repeatAfterRedrive(bench: StoreBench, dying: NewMessage): Promise<void> {
  for (const block of [false, true]) {
    const sent = await bench.appendOne({ key: 'other' });
    const { held, messages } = await bench.holdAndRead();
    sameIds(messages, [dying, sent], 'messages yielded');
    const settle = (): ReturnType<typeof held.settle> =>
      held.settle({
        accepted: messages.filter(({ id }) => id === sent.id),
        dead: messages
          .filter(({ id }) => id === dying.id)
          .map((message) => ({ message, reason: 'rejected', error: 'refused', block })),
      });
    same(told(await settle()), { ...NOTHING, settled: 2 }, 'first report');
    same(await recoveryOf(bench).redrive({}, 10), 1, 'letters redriven');
    const { alreadySettled, ...report } = await settle();
    same(told({ ...report, alreadySettled: [] }), NOTHING, 'second report');
    sameTexts(alreadySettled, [dying.id, sent.id], 'alreadySettled');
    sameIds(await listAll(bench, {}), [], 'dead letters after the repeated settle');
    await held.release();
    sameIds(await bench.available(), [dying], 'messages yielded after the repeated settle');
  }
}

export const S4_7: StoreClause = {
  id: 'S4.7',
  title:
    'A settle repeated under the same lease changes nothing and reports `alreadySettled`, also when a message that it lets die has been redriven in between.',
  cases: [
    { name: 'accepted' },
    { name: 'dead' },
    { name: 'retry' },
    { name: 'after the release' },
    ...Object.keys(PASTS).map((past) => ({ name: past, facet: 'recovery' as const })),
  ],
  async run(bench, name) {
    const past = PASTS[name];
    if (past !== undefined) {
      await repeatAfterRedrive(bench, await past(bench));
      return;
    }
    const message = await bench.appendOne({ key: 'k' });
    const { held, messages } = await bench.holdAndRead();
    const delayMs = bench.leaseMs / 2;
    const settle = (): ReturnType<typeof held.accept> => {
      if (name === 'dead') return held.bury(messages);
      return name === 'retry' ? held.retry(messages, delayMs) : held.accept(messages);
    };
    same(told(await settle()), { ...NOTHING, settled: 1 }, 'first report');
    if (name === 'after the release') await held.release();
    const report = told(await settle());
    if (name === 'retry') {
      // What waits for its retry cannot be told from what was settled a moment ago; the same outcome twice is one.
      const { settled, alreadySettled } = report as { settled: number; alreadySettled: string[] };
      same(settled + alreadySettled.length, 1, 'messages in the second report');
    } else {
      same(report, { ...NOTHING, alreadySettled: [message.id] }, 'second report');
    }
    await held.release();
    await bench.elapse(delayMs + 1);
    const left = await bench.available();
    same(
      left.map(({ id, attempt }) => [id, attempt]),
      name === 'retry' ? [[message.id, 2]] : [],
      'messages left, with their attempts',
    );
    if (name !== 'dead') return;
    const letters = (await bench.store.recovery?.list())?.letters ?? [message];
    sameIds(letters, [message], 'dead letters of a death that was told twice');
  },
};
