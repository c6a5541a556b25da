import { describe, expect, it } from 'vitest';
import { guardStore } from '../src/guard/guard-store.ts';
import { createOutbox } from '../src/outbox.ts';
import type { Mode } from '../src/store.ts';
import { appendStore, type Tx } from './support/append-store.ts';
import { thenable } from './support/thenable.ts';

const tx: Tx = { done: [] };
const placed = { topic: 'order.placed', key: 'o1', payload: { total: 5 } };

/** What a call came to, be it thrown or rejected. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return 'nothing failed';
}

describe.each<Mode>(['sync', 'async'])('createOutbox on a store that appends %s', (mode) => {
  it('writes one message or several, in order, and answers with their ids', async () => {
    const store = appendStore(mode);
    const outbox = createOutbox({ store });
    const one = await outbox.append(tx, { ...placed, id: 'm1' });
    const two = await outbox.append(tx, [
      { ...placed, id: 'm2' },
      { topic: 'mail', id: 'duplicate' },
    ]);
    expect(one).toEqual({ ids: ['m1'], duplicates: [] });
    expect(two).toEqual({ ids: ['m2', 'duplicate'], duplicates: ['duplicate'] });
    expect(store.appended.map(({ message }) => message.id)).toEqual(['m1', 'm2', 'duplicate']);
    expect(store.appended[0]).toMatchObject({
      handle: tx,
      message: { topic: 'order.placed', key: 'o1', payload: '{"total":5}', contentType: 'application/json' },
      options: { autocommit: false },
    });
  });

  it('does nothing for an empty list', async () => {
    const store = appendStore(mode);
    expect(await createOutbox({ store }).append(tx, [])).toEqual({ ids: [], duplicates: [] });
    expect(store.appended).toEqual([]);
  });

  it('writes without a transaction only when asked for by name', async () => {
    const store = appendStore(mode);
    await createOutbox({ store }).appendAutocommit('root', placed);
    expect(store.appended[0]).toMatchObject({ handle: 'root', options: { autocommit: true } });
  });

  it('adds headers to every message; its own win', async () => {
    const store = appendStore(mode);
    let trace = 0;
    const outbox = createOutbox({ store, headers: () => ({ trace: String(++trace), by: 'outbox' }) });
    await outbox.append(tx, [placed, { ...placed, headers: { by: 'me' } }]);
    expect(store.appended.map(({ message }) => message.headers)).toEqual([
      { trace: '1', by: 'outbox' },
      { trace: '2', by: 'me' },
    ]);
  });

  it('gives each message what its topic says', async () => {
    const store = appendStore(mode, { ordering: 'strict' });
    const topics = {
      'order.*': { ordering: 'strict', contentType: 'text/plain' },
      'order.paid': {},
    } as const;
    const outbox = createOutbox({ store, topics });
    await outbox.append(tx, [
      { topic: 'order.placed', key: 'o1', payload: 'x' },
      { topic: 'order.paid', key: 'o1', payload: 'x' },
    ]);
    expect(
      store.appended.map(({ message }) => [message.ordering, message.contentType, message.payload]),
    ).toEqual([
      ['strict', 'text/plain', 'x'],
      ['key', 'application/json', '"x"'],
    ]);
  });

  it('can lower the payload limit of the store, not raise it', async () => {
    const low = createOutbox({ store: appendStore(mode), maxPayloadBytes: 5 });
    expect(await failureOf(() => low.append(tx, placed))).toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    const limits = { maxPayloadBytes: 5, maxHeadersBytes: 5, maxMessagesPerAppend: 2 };
    const high = createOutbox({ store: appendStore(mode, { limits }), maxPayloadBytes: 1_000 });
    expect(await failureOf(() => high.append(tx, placed))).toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect(await failureOf(() => high.append(tx, [placed, placed, placed]))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringContaining('the store takes 2'),
    });
  });

  it('writes nothing when one message of several is invalid', async () => {
    const store = appendStore(mode);
    const outbox = createOutbox({ store });
    const failure = await failureOf(() => outbox.append(tx, [placed, { ...placed, topic: '' }]));
    expect(failure).toMatchObject({ code: 'MESSAGE_INVALID' });
    expect(store.appended).toEqual([]);
  });

  it('names the topic as what is missing, also beside patterns', async () => {
    const outbox = createOutbox({ store: appendStore(mode), topics: { 'order.*': {} } });
    expect(await failureOf(() => outbox.append(tx, {} as never))).toMatchObject({
      code: 'MESSAGE_INVALID',
      message: expect.stringContaining('topic must be a text; got undefined'),
    });
  });

  it.each([null, 'text', undefined])('says what it expects instead of %s', async (message) => {
    const outbox = createOutbox({ store: appendStore(mode) });
    expect(await failureOf(() => outbox.append(tx, message as never))).toEqual(
      new TypeError('Expected a message such as { topic, key, payload } or an array of them.'),
    );
  });

  it("passes errors of the caller's transaction on untouched", async () => {
    const store = appendStore(mode);
    store.failure = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    expect(await failureOf(() => createOutbox({ store }).append(tx, placed))).toBe(store.failure);
  });

  it('refuses after the store was closed', async () => {
    const store = guardStore<Tx, Mode, 'root'>(appendStore(mode));
    const outbox = createOutbox({ store });
    await store.close();
    expect(await failureOf(() => outbox.append(tx, placed))).toMatchObject({ code: 'STORE_CLOSED' });
  });
});

describe('createOutbox and time', () => {
  it('has written on a synchronous store when the call returns', () => {
    const store = appendStore('sync');
    expect(createOutbox({ store }).append(tx, { ...placed, id: 'm1' })).toEqual({
      ids: ['m1'],
      duplicates: [],
    });
    expect(store.appended).toHaveLength(1);
  });

  it('throws on a synchronous store and rejects on an asynchronous one', async () => {
    expect(() => createOutbox({ store: appendStore('sync') }).append(tx, { topic: '' })).toThrow(
      /topic is empty/,
    );
    const rejected = createOutbox({ store: appendStore('async') }).append(tx, { topic: '' });
    expect(rejected).toBeInstanceOf(Promise);
    await expect(rejected).rejects.toThrow(/topic is empty/);
  });

  it('works with a store whose append gives something to await that is no promise', async () => {
    const store = appendStore('async');
    const append = store.append.bind(store);
    store.append = (...args) => thenable(append(...args)) as unknown as ReturnType<typeof append>;
    await expect(createOutbox({ store }).append(tx, { ...placed, id: 'm1' })).resolves.toEqual({
      ids: ['m1'],
      duplicates: [],
    });
  });
});

describe('the options of createOutbox', () => {
  const store = appendStore('async');

  it.each<[string, object, RegExp]>([
    ['no store', {}, /Expected a store such as .*; got undefined/],
    ['an unknown option', { store, codec: [] }, /createOutbox has no option "codec"/],
    ['topics that are no object', { store, topics: null }, /option "topics" must be an object; got null/],
    [
      'an unknown option of a topic',
      { store, topics: { a: { retry: 1 } } },
      /topic "a" has no option "retry"/,
    ],
    [
      'a schema that is none',
      { store, topics: { a: { schema: {} } } },
      /option "schema" must implement Standard Schema/,
    ],
    [
      'a null schema',
      { store, topics: { a: { schema: null } } },
      /option "schema" must implement Standard Schema/,
    ],
    [
      'an empty content type',
      { store, topics: { a: { contentType: '' } } },
      /option "contentType" must be a text/,
    ],
    ['a wrong pattern', { store, topics: { 'a*': {} } }, /Expected a topic such as/],
    [
      'strict order where there is none',
      { store, topics: { a: { ordering: 'strict' } } },
      /no strict ordering mode/,
    ],
    [
      'codecs that are no list',
      { store, codecs: {} },
      /option "codecs" must be an array of codecs .*; got an object/,
    ],
    ['a codec that is none', { store, codecs: [{}] }, /option "codecs" must be an array of codecs/],
    ['headers that are no function', { store, headers: {} }, /option "headers" must be a function/],
    ['a limit of nothing', { store, maxPayloadBytes: 0 }, /option "maxPayloadBytes" must be a whole number/],
  ])('refuse %s', (_, options, text) => {
    expect(() => createOutbox(options as never)).toThrow(TypeError);
    expect(() => createOutbox(options as never)).toThrow(text);
  });
});
