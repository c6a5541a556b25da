import { isOutboxError } from '@outrelay/core';
import { holds, same, sameIds, sameOrderPerKey } from '../bench/assertions.ts';
import { failureOf, turns } from '../bench/eventually.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

/** Crashes after which a poisonous message must have been found and counted. */
const MAX_CRASHES = 40;
const WANTED_ATTEMPTS = 4;

export const S5_7: StoreClause = {
  id: 'S5.7',
  title:
    'A lost read charges no message as such: after a take-over every message still has the attempts it had, unless it was handed out alone.',
  cases: [{ name: 'one crash' }, { name: 'two crashes' }, { name: 'and one fails after it' }],
  async run(bench, name) {
    const appended = await bench.append(
      ...Array.from({ length: 6 }, (_, at) => bench.make.stored({ key: `k${at % 3}` })),
    );
    const alone = new Set<string>();
    for (let crash = 0; crash < (name === 'two crashes' ? 2 : 1); crash++) {
      const { messages } = await bench.holdAndRead({ relay: `relay-${crash}` });
      if (messages.length === 1) alone.add(messages[0]?.id ?? '');
      await bench.elapse(bench.leaseMs + 1);
    }
    const later = await bench.append(...['k0', 'k1', 'k2'].map((key) => bench.make.stored({ key })));
    if (name === 'and one fails after it') {
      // It is due again at once, and still before everything that follows it, suspected or not.
      const { held, messages } = await bench.holdAndRead({ relay: 'relay-again' });
      for (const { id } of messages) alone.add(id);
      await held.retry(messages, 0);
      await held.release();
    }
    const left = await bench.drain({ store: await bench.connect() });
    const expected = [...appended, ...later];
    sameIds(left, expected, 'messages yielded after crashes');
    sameOrderPerKey(left, expected, 'messages yielded after crashes, those appended since included');
    const charged = left.filter(({ id, attempt }) => attempt > 1 && !alone.has(id));
    same(
      charged.map(({ id, attempt }) => [id, attempt]),
      [],
      'messages that were charged for being read together with others',
    );
  },
};

export const S5_8: StoreClause = {
  id: 'S5.8',
  title:
    'A message under which relays disappear again and again is handed out alone, its attempt charged before, so that its number grows without any settle; no other message is charged for it.',
  cases: [{ name: 'first of its key' }, { name: 'between others of its key' }, { name: 'without key' }],
  async run(bench, name) {
    const key = name === 'without key' ? null : 'k';
    const poison = bench.make.stored({ key });
    const [one, two] = bench.make.pair({ key });
    const [away, far] = [bench.make.stored({ key: 'away' }), bench.make.stored({ key: 'far' })];
    await bench.append(...(name === 'first of its key' ? [poison, one, two] : [one, poison, two]), away, far);
    const innocent = new Map<string, number>();
    let attempts = 0;
    for (let crash = 0; crash < MAX_CRASHES && attempts < WANTED_ATTEMPTS; ) {
      const held = await bench.hold({ relay: `relay-${crash}` });
      for (;;) {
        const messages = await held.read();
        if (messages.length === 0) {
          await held.release();
          break;
        }
        const hit = messages.find(({ id }) => id === poison.id);
        if (hit !== undefined) {
          // Together with others nobody can know which it was, so the number may stand; alone it must grow.
          if (messages.length === 1) attempts = Math.max(attempts, hit.attempt);
          crash++;
          await bench.elapse(bench.leaseMs + 1);
          break;
        }
        for (const { id, attempt } of messages) innocent.set(id, attempt);
        await held.accept(messages);
      }
    }
    holds(
      attempts >= WANTED_ATTEMPTS,
      `after ${MAX_CRASHES} crashes the message is at attempt ${attempts}: it will never run out of attempts`,
    );
    for (const { id, attempt } of await bench.drain()) if (id !== poison.id) innocent.set(id, attempt);
    same(
      [...innocent].filter(([, attempt]) => attempt > 1),
      [],
      'neighbours that were charged for the crashes',
    );
    sameIds(
      [...innocent.keys()].map((id) => ({ id })),
      [one, two, away, far],
      'neighbours that were delivered',
    );
  },
};

type Verb = (bench: StoreBench) => Promise<unknown>;

const VERBS: Readonly<Record<string, Verb>> = {
  claim: (bench) => bench.claim(),
  read: async (bench) => (await bench.claim())?.read(),
  settle: async (bench) => {
    const held = await bench.claim();
    return held?.accept(await held.read());
  },
  renew: async (bench) => (await bench.claim())?.renew(bench.leaseMs),
  release: async (bench) => (await bench.claim())?.release(),
};

export const S5_10: StoreClause = {
  id: 'S5.10',
  title:
    'A connection that is killed during any verb leaves nothing that a release by token or the end of the lease does not clear.',
  needs: ['killConnections'],
  cases: Object.keys(VERBS).map((name) => ({ name })),
  async run(bench, name) {
    for (let delay = 0; delay < 8; delay++) {
      const appended = await bench.appendMany(4, { key: 'k' });
      const verb = failureOf(VERBS[name]?.(bench));
      await turns(delay);
      await bench.power('killConnections')(bench.installation);
      const failure = await verb;
      holds(
        failure === undefined || (isOutboxError(failure) && failure.retryable),
        `${name} failed with ${String(failure)} when its connection was killed; expected a retryable error`,
      );
      await bench.elapse(bench.leaseMs + 1);
      // Dead connections of a pool may answer a first call with an error, which is retryable.
      const left = await bench.eventually('the store to work again', () =>
        bench.drain().catch((error: unknown) => {
          if (isOutboxError(error) && error.retryable) return false as const;
          throw error;
        }),
      );
      const ids = new Set(appended.map(({ id }) => id));
      const foreign = left.filter(({ id }) => !ids.has(id));
      sameIds(foreign, [], 'messages of earlier rounds');
      holds(
        left.length === appended.length || (name === 'settle' && left.length === 0),
        `${left.length} of ${appended.length} messages of one key were left after ${name}`,
      );
    }
  },
};
