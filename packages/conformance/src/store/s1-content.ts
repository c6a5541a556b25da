import { type NewMessage, payloadBytes } from '@outrelay/core';
import { holds, same, sameIds } from '../bench/assertions.ts';
import { CONTENTS, HOSTILE_TEXTS } from '../bench/contents.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const MIB = 1_048_576;
/** Clocks of a database and its neighbours agree within a minute, whatever their zones. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What must come back, payloads as bytes. */
function content(
  message: Pick<NewMessage, 'id' | 'topic' | 'key' | 'headers' | 'payload' | 'contentType'>,
): object {
  const { id, topic, key, headers, payload, contentType } = message;
  return { id, topic, key, headers: { ...headers }, payload: payloadPrint(payload), contentType };
}

async function roundTrips(bench: StoreBench, message: NewMessage, what: string): Promise<void> {
  await bench.append(message);
  const yielded = await bench.drain();
  sameIds(yielded, [message], `messages yielded for ${what}`);
  for (const back of yielded) {
    same(back.undecodable, null, `undecodable of ${what}`);
    same(content(back), content(message), `what came back for ${what}`);
  }
}

export const S1_11: StoreClause = {
  id: 'S1.11',
  title:
    'Id, topic, key, headers, payload and content type come back exactly as they were given: any Unicode text without NUL, any bytes, empty as well as absent payloads, integers beyond 2^53 as text.',
  cases: Object.keys(CONTENTS).map((name) => ({ name })),
  async run(bench, name) {
    const fields = CONTENTS[name];
    holds(fields !== undefined, `no content is called ${name}`);
    await roundTrips(bench, bench.make.stored(fields), name);
  },
};

export const S1_12: StoreClause = {
  id: 'S1.12',
  title:
    'Texts that mean something to the database (quotes, comment marks, wildcards, escape characters, format directives) are data in every field.',
  cases: HOSTILE_TEXTS.map((name) => ({ name })),
  async run(bench, text) {
    const innocent = await bench.appendOne({ topic: 'innocent', key: 'innocent' });
    const message = bench.make.stored({
      id: `${text} ${bench.random.hex(6)}`,
      // A star is kept for patterns, so core refuses it in topics.
      topic: `topic ${text.replaceAll('*', '+')}`,
      key: text,
      headers: { [`name ${text}`]: text },
      payload: JSON.stringify({ text }),
      contentType: `text/${text}`,
    });
    await bench.append(message);
    const yielded = await bench.drain();
    sameIds(yielded, [innocent, message], `messages yielded beside the text ${text}`);
    const back = yielded.find(({ id }) => id === message.id);
    same(back === undefined ? null : content(back), content(message), `what came back for the text ${text}`);
  },
};

export const S1_13: StoreClause = {
  id: 'S1.13',
  title: 'Payloads of 1 MiB and 100 headers of 200 bytes are taken.',
  cases: [{ name: 'text' }, { name: 'bytes' }, { name: 'headers' }],
  async run(bench, name) {
    if (name === 'headers') {
      const headers = Object.fromEntries(
        Array.from({ length: 100 }, (_, at) => [`header-${at}`, bench.random.hex(200)]),
      );
      await roundTrips(bench, bench.make.stored({ headers }), '100 headers of 200 bytes');
      return;
    }
    const pattern = bench.random.bytes(MIB / 1_024);
    const bytes = Uint8Array.from({ length: MIB }, (_, at) => pattern[at % pattern.length] as number);
    const payload = name === 'text' ? Buffer.from(pattern).toString('hex').repeat(512) : bytes;
    same(payloadBytes(payload), MIB, 'bytes of the payload that the suite makes');
    await roundTrips(bench, bench.make.stored({ payload }), `${name} of 1 MiB`);
  },
};

export const S1_14: StoreClause = {
  id: 'S1.14',
  title:
    "`createdAt` is the database's time of the append, whatever time zones server, session and client are set to.",
  cases: [{ name: 'Asia/Kathmandu' }, { name: 'Pacific/Honolulu' }, { name: 'UTC' }],
  async run(bench, zone) {
    const before = (await bench.now()).getTime();
    const availableAt = new Date(before - 1_000);
    const zoneBefore = process.env['TZ'];
    const appended: NewMessage[] = [];
    try {
      process.env['TZ'] = zone;
      appended.push(await bench.appendOne(), await bench.appendOne({ availableAt }));
    } finally {
      if (zoneBefore === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zoneBefore;
    }
    const after = (await bench.now()).getTime();
    const yielded = await bench.drain();
    sameIds(yielded, appended, `messages appended by a client in ${zone}`);
    for (const { id, createdAt } of yielded) {
      const at = createdAt.getTime();
      holds(
        at >= before - CLOCK_TOLERANCE_MS && at <= after + CLOCK_TOLERANCE_MS,
        `createdAt of ${id} is ${createdAt.toISOString()}, the append was at ${new Date(before).toISOString()}`,
      );
    }
  },
};

export const S1_15: StoreClause = {
  id: 'S1.15',
  title: 'What the caller does to a message object after the append returned does not change what is stored.',
  cases: [{ name: 'before the commit' }, { name: 'after the commit' }],
  async run(bench, name) {
    const payload = Uint8Array.from([1, 2, 3]);
    const headers = { kept: 'yes' };
    const message = bench.make.stored({ key: 'k', payload, headers });
    const stored = content(message);
    const transaction = await bench.begin();
    await transaction.append(message);
    if (name === 'after the commit') await transaction.commit();
    payload.fill(9);
    headers.kept = 'no';
    Object.assign(message, { key: 'other', topic: 'other' });
    if (name === 'before the commit') await transaction.commit();
    same((await bench.drain()).map(content), [stored], 'what came back after the caller changed its objects');
  },
};

export const S1_17: StoreClause = {
  id: 'S1.17',
  title:
    'A plain INSERT of topic, key and payload by any client is yielded like any message, its id, times and place in the order filled by the database.',
  when: { polyglot: 'insert' },
  needs: ['insertRaw'],
  async run(bench) {
    const insert = bench.power('insertRaw');
    const rows = [
      { topic: 'orders', key: 'k', payload: '{"n":1}' },
      { topic: 'orders', key: 'k', payload: '{"n":2}' },
      { topic: 'orders', key: null, payload: '{"n":3}' },
    ];
    const before = (await bench.now()).getTime();
    for (const row of rows) await insert(bench.installation, row);
    const last = await bench.appendOne({ topic: 'orders', key: 'k', payload: '{"n":4}' });
    const yielded = await bench.drain();
    const keyed = yielded.filter(({ key }) => key === 'k').map(({ payload }) => payloadPrint(payload));
    const expected = [...rows.slice(0, 2), last].map(({ payload }) => payloadPrint(payload));
    same(keyed, expected, 'payloads of the key, inserted plainly and then appended');
    same(yielded.length, 4, 'messages yielded');
    same(new Set(yielded.map(({ id }) => id)).size, 4, 'different ids');
    for (const { id, headers, createdAt, attempt } of yielded) {
      holds(id.length > 0, 'a plainly inserted message has an empty id');
      if (id !== last.id) same({ ...headers }, {}, 'headers of a plainly inserted message');
      same(attempt, 1, 'attempt of a plainly inserted message');
      const ageMs = createdAt.getTime() - before;
      holds(Math.abs(ageMs) <= CLOCK_TOLERANCE_MS, `createdAt is ${createdAt.toISOString()}`);
    }
  },
};
