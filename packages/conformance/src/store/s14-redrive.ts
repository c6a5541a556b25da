import type { ConsumedMessage } from '@outrelay/core';
import { same, sameIds, sameOrder } from '../bench/assertions.ts';
import { CONTENTS } from '../bench/contents.ts';
import { charge, HOLD_MS, listParked, parkingOf, parkMany, parkRequest, take } from '../bench/parking-lot.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'parking';

/** Parks so many messages and redrives them. */
async function redriven(bench: StoreBench, count: number): Promise<readonly ConsumedMessage[]> {
  const messages = await parkMany(bench, count);
  same(await parkingOf(bench).redrive({}, count), count, 'messages redriven');
  return messages;
}

async function taken(
  bench: StoreBench,
  limit?: number,
  consumer?: string,
): Promise<readonly ConsumedMessage[]> {
  return (await take(bench, limit, consumer)).map(({ message }) => message);
}

export const S14_10: StoreClause = {
  id: 'S14.10',
  title:
    '`redrive` makes parked messages available to `take`, attempts counted anew; redriving twice, also at the same time, does it once.',
  facet,
  cases: [{ name: 'one after the other' }, { name: 'at the same time' }],
  async run(bench, name) {
    const [message] = await parkMany(bench, 1, { redrives: 2 });
    const ids = [message?.id ?? ''];
    const answers =
      name === 'one after the other'
        ? [await parkingOf(bench).redrive({ ids }, 5), await parkingOf(bench).redrive({ ids }, 5)]
        : await Promise.all(
            (await Promise.all(Array.from({ length: 4 }, () => bench.connect()))).map(async (store) =>
              store.parking?.redrive({ ids }, 5),
            ),
          );
    same(
      answers.reduce<number>((sum, answer) => sum + (answer ?? 0), 0),
      1,
      'messages redriven by all calls',
    );
    same((await listParked(bench))[0]?.redrives, 3, 'redrives of the message');
    same(await charge(bench, ids[0] as string), { attempts: 1, parked: false }, 'first charge after it');
    same(
      (await take(bench)).map(({ redrives }) => redrives),
      [3],
      'redrives of what is taken',
    );
    same(await parkingOf(bench).redrive({ ids }, 5), 0, 'messages redriven while it is taken');
  },
};

export const S14_11: StoreClause = {
  id: 'S14.11',
  title:
    '`take` yields redriven messages of its consumer, as they were parked, the oldest first and no more than asked for; nothing that is parked.',
  facet,
  cases: [{ name: 'limits and order' }, { name: 'consumers' }, { name: 'contents' }],
  async run(bench, name) {
    if (name === 'limits and order') {
      same(await take(bench), [], 'messages taken where there are none');
      const messages = await parkMany(bench, 6);
      same(await take(bench), [], 'messages taken while all are parked');
      await parkingOf(bench).redrive({ ids: [messages[4]?.id ?? ''] }, 1);
      await parkingOf(bench).redrive({}, 4);
      sameOrder(await taken(bench, 2), messages.slice(0, 2), 'the first two');
      sameOrder(await taken(bench), messages.slice(2, 5), 'the rest of what was redriven');
      return;
    }
    if (name === 'consumers') {
      const [mine] = await parkMany(bench, 1);
      const [theirs] = await parkMany(bench, 1, { consumer: 'Billing' });
      await parkingOf(bench).redrive({}, 2);
      sameIds(await taken(bench, 5, 'shipping'), [], 'messages of a consumer that has none');
      sameIds(await taken(bench, 5, 'Billing'), [theirs as ConsumedMessage], 'messages of another consumer');
      sameIds(await taken(bench, 5), [mine as ConsumedMessage], 'messages of the consumer');
      return;
    }
    const requests = Object.values(CONTENTS).map((content) => parkRequest(bench, content));
    await parkingOf(bench).park(requests);
    await parkingOf(bench).redrive({}, requests.length);
    const messages = await taken(bench);
    sameOrder(
      messages,
      requests.map(({ message }) => message),
      'messages taken',
    );
    for (const [at, { message }] of requests.entries()) {
      const { headers, payload, ...rest } = messages[at] as ConsumedMessage;
      const { headers: givenHeaders, payload: givenPayload, ...given } = message;
      same({ ...headers }, { ...givenHeaders }, `headers of ${message.id}`);
      same(payloadPrint(payload), payloadPrint(givenPayload), `payload of ${message.id}`);
      same(rest, given, `message ${message.id}`);
    }
  },
};

export const S14_12: StoreClause = {
  id: 'S14.12',
  title:
    "What `take` yielded is not yielded again before `holdMs` has passed by the database's clock, and is then; takes at the same time never yield the same message.",
  facet,
  cases: [{ name: 'over time' }, { name: 'at the same time' }],
  async run(bench, name) {
    const messages = await redriven(bench, name === 'over time' ? 2 : 30);
    if (name === 'over time') {
      const holdMs = bench.installation.elapse === undefined ? 2_000 : HOLD_MS;
      const yielded = await parkingOf(bench).take({ consumer: 'billing', limit: 1, holdMs });
      sameIds(
        yielded.map(({ message }) => message),
        messages.slice(0, 1),
        'messages taken at first',
      );
      sameIds(await taken(bench), messages.slice(1), 'messages taken while the first is held');
      await bench.elapse(holdMs / 2);
      sameIds(await taken(bench), [], 'messages taken half-way through the time');
      await bench.elapse(holdMs / 2 + 1_000);
      sameIds(await taken(bench, 1), messages.slice(0, 1), 'messages taken after the time');
      return;
    }
    const stores = await Promise.all(Array.from({ length: 3 }, () => bench.connect()));
    const found: ConsumedMessage[] = [];
    for (let round = 0; round < 10; round++) {
      const request = { consumer: 'billing', limit: 4, holdMs: HOLD_MS };
      const answers = await Promise.all(stores.map(async (store) => store.parking?.take(request)));
      found.push(...answers.flatMap((answer) => answer ?? []).map(({ message }) => message));
    }
    sameIds(found, messages, 'messages taken by three at once');
  },
};

export const S14_13: StoreClause = {
  id: 'S14.13',
  title: '`forget` ends the count of attempts and drops a redriven message; a parked one stays.',
  facet,
  async run(bench) {
    const parking = parkingOf(bench);
    const [first] = await redriven(bench, 1);
    const [second] = await parkMany(bench, 1);
    const forget = (id: string, consumer = 'billing'): Promise<void> =>
      parking.forget([{ consumer, messageId: id }]);
    await charge(bench, 'm');
    await charge(bench, 'm', 'shipping');
    await forget('m');
    same((await charge(bench, 'm')).attempts, 1, 'charge after the count was ended');
    same((await charge(bench, 'm', 'shipping')).attempts, 2, 'charge of another consumer');
    await forget(first?.id ?? '', 'shipping');
    await forget(second?.id ?? '');
    await parking.forget([]);
    sameIds(await listParked(bench), [first, second] as ConsumedMessage[], 'messages that stay');
    sameIds(await taken(bench), [first as ConsumedMessage], 'messages taken');
    await forget(first?.id ?? '');
    sameIds(
      await listParked(bench),
      [second as ConsumedMessage],
      'messages after the redriven one was handled',
    );
    await bench.elapse(HOLD_MS + 1_000);
    sameIds(await taken(bench), [], 'messages taken in the end');
  },
};

export const S14_14: StoreClause = {
  id: 'S14.14',
  title:
    '`redrive` and `discard` take the oldest first and no more than asked for, and answer with the number.',
  facet,
  cases: [{ name: 'redrive' }, { name: 'discard' }],
  async run(bench, name) {
    const messages = await parkMany(bench, 5);
    const parking = parkingOf(bench);
    const verb = name === 'redrive' ? 'redrive' : 'discard';
    const left = async (): Promise<readonly ConsumedMessage[]> =>
      (await listParked(bench)).filter(({ state }) => state === 'parked');
    same(await parking[verb]({}, 2), 2, `answer to ${verb} with a limit of 2`);
    sameOrder(await left(), messages.slice(2), 'messages left');
    same(await parking[verb]({}, 100), 3, `answer to ${verb} with a high limit`);
    same(await parking[verb]({}, 100), 0, `answer to ${verb} when none is left`);
    sameIds(await left(), [], 'messages parked in the end');
  },
};
