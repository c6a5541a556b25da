import type { ConsumedMessage, ParkedFilter } from '@outrelay/core';
import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import { CONTENTS } from '../bench/contents.ts';
import { charge, listParked, parkingOf, parkMany, parkRequest, take } from '../bench/parking-lot.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'parking';

export const S14_5: StoreClause = {
  id: 'S14.5',
  title:
    'A parked message keeps its consumer, id, topic, key, headers, payload, content type, times, attempts, reason, error and redrives.',
  facet,
  cases: [...Object.keys(CONTENTS).map((name) => ({ name })), { name: 'circumstances' }],
  async run(bench, name) {
    const before = (await bench.now()).getTime();
    const request = parkRequest(
      bench,
      { key: "k'1", headers: { a: '1', 'x-🎈': '' }, ...CONTENTS[name] },
      name === 'circumstances'
        ? {
            consumer: 'b"\'il',
            attempts: 7,
            reason: 'rejected',
            error: `\\'"%s${'e'.repeat(2_000)}`,
            redrives: 4,
          }
        : {},
    );
    await parkingOf(bench).park([request]);
    const [parked, ...more] = await listParked(bench);
    holds(parked !== undefined && more.length === 0, 'one message was parked, and not one is listed');
    const { parkedAt, headers, payload, ...rest } = parked;
    const { headers: givenHeaders, payload: givenPayload, ...message } = request.message;
    const { consumer, attempts, reason, error, redrives } = request;
    same({ ...headers }, { ...givenHeaders }, 'headers of the parked message');
    same(payloadPrint(payload), payloadPrint(givenPayload), 'payload of the parked message');
    same(
      rest,
      { ...message, consumer, state: 'parked' as const, attempts, reason, error, redrives },
      'the parked message',
    );
    holds(
      parkedAt.getTime() >= before - 1_000,
      `parked at ${parkedAt.toISOString()}, before the call, by the clock of the database`,
    );
  },
};

export const S14_6: StoreClause = {
  id: 'S14.6',
  title:
    '`park` ends the count of attempts; while the message is parked a charge answers `parked` and changes nothing.',
  facet,
  async run(bench) {
    const request = parkRequest(bench);
    const { id } = request.message;
    await charge(bench, id);
    await charge(bench, id);
    await parkingOf(bench).park([request]);
    const other = await parkingOf(bench).charge([
      { consumer: 'billing', messageId: 'free' },
      { consumer: 'billing', messageId: id },
      { consumer: 'shipping', messageId: id },
    ]);
    same(
      other.map(({ parked }) => parked),
      [false, true, false],
      'parked, of three deliveries',
    );
    same(other[2]?.attempts, 1, 'attempts of another consumer');
    same((await charge(bench, id)).parked, true, 'parked, at the next charge');
    same((await listParked(bench))[0]?.attempts, request.attempts, 'attempts of the parked message');
    same(await parkingOf(bench).discard({ ids: [id] }, 1), 1, 'discarded');
    same(await charge(bench, id), { attempts: 1, parked: false }, 'first charge after the discard');
  },
};

export const S14_7: StoreClause = {
  id: 'S14.7',
  title: 'A message that is parked again is kept once, as it was parked last, at the end of the list.',
  facet,
  cases: [{ name: 'while it is parked' }, { name: 'after it was redriven' }, { name: 'at the same time' }],
  async run(bench, name) {
    const request = parkRequest(bench);
    await parkingOf(bench).park([request]);
    const [other] = await parkMany(bench, 1);
    const again = { ...request, attempts: 9, reason: 'rejected', error: 'again', redrives: 1 } as const;
    if (name === 'after it was redriven') {
      await parkingOf(bench).redrive({ ids: [request.message.id] }, 1);
      sameIds(
        (await take(bench)).map(({ message }) => message),
        [request.message],
        'messages taken',
      );
    }
    if (name === 'at the same time') {
      const stores = await Promise.all(Array.from({ length: 4 }, () => bench.connect()));
      await Promise.all(stores.map(async (store) => store.parking?.park([again])));
    } else {
      await parkingOf(bench).park([again]);
    }
    const list = await listParked(bench);
    sameOrder(list, [other as ConsumedMessage, request.message], 'messages that are parked');
    const { attempts, reason, error, redrives, state } = list[1] ?? {};
    same(
      { attempts, reason, error, redrives, state },
      { attempts: 9, reason: 'rejected', error: 'again', redrives: 1, state: 'parked' },
      'the message that was parked again',
    );
    await bench.elapse(bench.leaseMs * 2);
    same(await take(bench), [], 'messages taken after it was parked again');
  },
};

export const S14_8: StoreClause = {
  id: 'S14.8',
  title:
    '`list` pages through all parked and redriven messages in the order they were parked, without repeating or missing one when others are added or dropped in between.',
  facet,
  cases: [
    { name: 'in pages' },
    { name: 'in one call' },
    { name: 'others are added' },
    { name: 'others are dropped' },
    { name: 'some are redriven' },
  ],
  async run(bench, name) {
    const messages =
      name === 'in one call'
        ? Array.from({ length: 7 }, () => parkRequest(bench))
        : (await parkMany(bench, 7)).map((message) => ({ message }));
    if (name === 'in one call')
      await parkingOf(bench).park(messages as readonly ReturnType<typeof parkRequest>[]);
    if (name === 'some are redriven') await parkingOf(bench).redrive({}, 2);
    let gone = 0;
    const between = async (): Promise<void> => {
      if (name === 'others are added') await parkMany(bench, 1);
      // The oldest, which the pages have shown already.
      if (name === 'others are dropped') gone += await parkingOf(bench).discard({}, 1);
    };
    const listed = await listParked(bench, { limit: 3 }, between);
    const expected = messages.map(({ message }) => message);
    const known = listed.filter(({ id }) => expected.some((message) => message.id === id));
    sameOrder(known, expected, 'messages listed page by page');
    same(new Set(listed.map(({ id }) => id)).size, listed.length, 'messages, each once');
    if (name === 'others are dropped') holds(gone > 0, 'nothing was dropped between the pages');
    if (name === 'some are redriven')
      same(
        listed.map(({ state }) => state === 'redriven'),
        [true, true, false, false, false, false, false],
        'redriven',
      );
  },
};

interface Lot {
  readonly all: readonly ConsumedMessage[];
  readonly filters: readonly (readonly [ParkedFilter, readonly ConsumedMessage[]])[];
}

/** Six messages that differ in all that filters look at, and what each filter is to find. */
async function makeLot(bench: StoreBench): Promise<Lot> {
  const two = async (
    fields: { topic: string; key: string | null },
    terms: Partial<ReturnType<typeof parkRequest>>,
  ): Promise<[ConsumedMessage, ConsumedMessage]> => {
    const requests = [parkRequest(bench, fields, terms), parkRequest(bench, fields, terms)] as const;
    await parkingOf(bench).park(requests);
    await bench.elapse(2_000);
    return [requests[0].message, requests[1].message];
  };
  const a = await two({ topic: 'a_', key: 'k' }, { reason: 'rejected' });
  const b = await two({ topic: 'aX', key: 'K' }, { consumer: 'Billing' });
  const c = await two({ topic: 'a_', key: null }, { consumer: 'shipping' });
  const times = new Map((await listParked(bench)).map(({ id, parkedAt }) => [id, parkedAt]));
  const [since, until] = [times.get(b[0].id), times.get(c[0].id)];
  const all = [...a, ...b, ...c];
  return {
    all,
    filters: [
      [{ ids: [a[1].id, 'nobody'] }, [a[1]]],
      [{ ids: [] }, []],
      [{ consumer: 'billing' }, a],
      [{ consumer: 'Billing' }, b],
      [{ topic: 'a_' }, [...a, ...c]],
      [{ key: 'k' }, a],
      [{ reason: 'rejected' }, a],
      [{ since }, [...b, ...c]],
      [{ until: since }, a],
      [{ since, until }, b],
      [{ consumer: 'billing', topic: 'a_', reason: 'rejected', key: 'k', ids: [a[0].id] }, [a[0]]],
      [{ topic: "a_' OR 1=1 --" }, []],
      [{}, all],
    ],
  };
}

export const S14_9: StoreClause = {
  id: 'S14.9',
  title: 'Filters by consumer, id, topic, key, reason and time choose exactly the matching ones.',
  facet,
  cases: [{ name: 'list' }, { name: 'redrive' }, { name: 'discard' }],
  async run(bench, name) {
    const parking = parkingOf(bench);
    let { filters, all } = await makeLot(bench);
    for (let at = 0; at < filters.length; at++) {
      const [filter, expected] = filters[at] ?? [{}, []];
      const what = `${name} of ${JSON.stringify(filter)}`;
      if (name === 'list') {
        sameOrder(await listParked(bench, { ...filter, limit: 2 }), expected, what);
        continue;
      }
      same(await parking[name === 'redrive' ? 'redrive' : 'discard'](filter, 100), expected.length, what);
      const left = (await listParked(bench)).filter(({ state }) => state === 'parked');
      sameIds(
        left,
        all.filter((message) => !expected.includes(message)),
        `parked after ${what}`,
      );
      await parking.discard({}, 100);
      ({ filters, all } = await makeLot(bench));
    }
  },
};

export const S14_15: StoreClause = {
  id: 'S14.15',
  title: '`discard` drops parked and redriven messages for good.',
  facet,
  async run(bench) {
    const [redriven, parked, kept] = await parkMany(bench, 3);
    const parking = parkingOf(bench);
    await parking.redrive({}, 1);
    same(await parking.discard({}, 2), 2, 'messages discarded');
    sameIds(await listParked(bench), [kept as ConsumedMessage], 'messages left');
    same(await take(bench), [], 'messages taken after the discard');
    for (const message of [redriven, parked])
      same(await parking.redrive({ ids: [message?.id ?? ''] }, 1), 0, 'redriven after the discard');
  },
};
