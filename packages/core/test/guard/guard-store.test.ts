import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import type { DeadLetterEdit, RecoveryFacet } from '../../src/facets.ts';
import { guardStore } from '../../src/guard/guard-store.ts';
import type { ClaimedMessage } from '../../src/message.ts';
import type { ClaimRequest, Lease, OutboxStore, SettleReport, Settlements } from '../../src/store.ts';
import { ALL_TOPICS, matchingTopics, namedTopics } from '../../src/topics.ts';
import { claimed, newMessage } from '../support/messages.ts';
import { ScriptedStore } from '../support/scripted-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const request: ClaimRequest = { token: 'a'.repeat(32), relay: 'r', leaseMs: 1_000, topics: ALL_TOPICS };
const lease: Lease = { token: request.token, state: null };
const all = { messages: 10, bytes: 1_000, topics: ALL_TOPICS };

/** A store with some verbs replaced. */
function storeWith(verbs: Partial<OutboxStore>): OutboxStore {
  const store = new ScriptedStore(new VirtualClock(), {
    takesMs: 0,
    facets: ['wakeups', 'sharing', 'maintenance'],
  });
  return guardStore(Object.assign(store, verbs));
}

function settlementsOf(accepted: readonly ClaimedMessage[]): Settlements {
  return { accepted, retry: [], dead: [], returned: [] };
}

function reportOf(fields: Partial<SettleReport>): SettleReport {
  return { settled: 0, alreadySettled: [], lost: [], unknown: [], wanted: false, ...fields };
}

describe('what guardStore takes', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['sqlite', '"sqlite"'],
    [{}, 'an object (Object)'],
  ])('says what it expects instead of %o', (value, shown) => {
    expect(() => guardStore(value)).toThrow(
      new TypeError(`Expected a store such as sqliteStore({ file: 'shop.db' }); got ${shown}.`),
    );
  });

  it('refuses another version of the contract', () => {
    const store = { ...storeWith({}), spec: 2 };
    expect(() => guardStore(store)).toThrow(/implements version 2 of the contract; .* version 1/);
  });

  it.each([0, -1, Number.NaN, '5', undefined])('refuses a limit of %s', (limit) => {
    const store = new ScriptedStore(new VirtualClock());
    const limits = { ...store.capabilities.limits, maxMessagesPerAppend: limit as number };
    const wrong = Object.assign(store, { capabilities: { ...store.capabilities, limits } });
    expect(() => guardStore(wrong)).toThrow(/"maxMessagesPerAppend" .* at least 1/);
  });

  it('guards a store once, and does not guard a guard', () => {
    const store = new ScriptedStore(new VirtualClock());
    const guard = guardStore(store);
    expect(guardStore(store)).toBe(guard);
    expect(guardStore(guard)).toBe(guard);
  });
});

describe('what guardStore checks', () => {
  it('a lease carries the token of the request (S3.1)', async () => {
    const store = storeWith({ claim: async () => ({ token: 'other', state: null }) });
    await expect(store.claim(request)).rejects.toMatchObject({
      code: 'ADAPTER_CONTRACT',
      message: expect.stringContaining('S3.1'),
    });
  });

  it('claim answers with a lease or null (S3.4)', async () => {
    await expect(storeWith({ claim: async () => null }).claim(request)).resolves.toBeNull();
    await expect(storeWith({ claim: async () => undefined as never }).claim(request)).rejects.toMatchObject({
      code: 'ADAPTER_CONTRACT',
      message: expect.stringContaining('S3.4'),
    });
  });

  it('read yields no more messages than asked for (S3.2)', async () => {
    const store = storeWith({ read: async () => [claimed(), claimed()] });
    await expect(store.read(lease, { ...all, messages: 2 })).resolves.toHaveLength(2);
    await expect(store.read(lease, { ...all, messages: 1 })).rejects.toMatchObject({
      code: 'ADAPTER_CONTRACT',
      message: expect.stringContaining('S3.2'),
    });
  });

  it.each([
    ['names', namedTopics(['order.placed'])],
    ['patterns', matchingTopics((topic) => topic === 'order.placed')],
  ])('read yields only topics that were asked for, given as %s (S3.3)', async (_, topics) => {
    const store = storeWith({ read: async () => [claimed(), claimed({ topic: 'mail' })] });
    await expect(store.read(lease, all)).resolves.toHaveLength(2);
    await expect(store.read(lease, { ...all, topics })).rejects.toMatchObject({
      code: 'ADAPTER_CONTRACT',
      message: expect.stringMatching(/"mail".*S3\.3/),
    });
  });

  const settling = (report: Partial<SettleReport>): Promise<SettleReport> =>
    storeWith({ settle: async () => reportOf(report) }).settle(
      lease,
      settlementsOf([claimed({ id: 'a' }), claimed({ id: 'b' })]),
    );

  it.each<Partial<SettleReport>>([
    { settled: 2 },
    { settled: 1, alreadySettled: ['b'] },
    { settled: 1, lost: ['b'] },
    { unknown: ['a', 'b'] },
  ])('settle accounts for every outcome exactly once (S4.1): %o', async (report) => {
    await expect(settling(report)).resolves.toMatchObject(report);
  });

  it.each<Partial<SettleReport>>([{ settled: 1 }, { settled: 2, unknown: ['b'] }, {}])(
    'settle leaves no outcome out and counts none twice (S4.1): %o',
    async (report) => {
      await expect(settling(report)).rejects.toMatchObject({
        code: 'ADAPTER_CONTRACT',
        message: expect.stringContaining('S4.1'),
      });
    },
  );
});

describe('the errors of a guarded store', () => {
  const broken = async (): Promise<never> => {
    throw new Error('ECONNRESET');
  };

  it.each(['claim', 'read', 'settle', 'renew', 'release'] as const)('get a class: %s', async (verb) => {
    const store = storeWith({ [verb]: broken });
    const calls = {
      claim: () => store.claim(request),
      read: () => store.read(lease, all),
      settle: () => store.settle(lease, settlementsOf([])),
      renew: () => store.renew(lease, 5),
      release: () => store.release('t'),
    };
    await expect(calls[verb]()).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `The store "scripted" failed in ${verb}: ECONNRESET`,
    });
  });

  it('keep the class they have', async () => {
    const conflict = new OutboxError('STORE_CONFLICT', 'deadlock');
    const store = storeWith({
      claim: async () => {
        throw conflict;
      },
    });
    await expect(store.claim(request)).rejects.toBe(conflict);
  });

  it('of an append are those of the caller', async () => {
    const deadlock = new Error('deadlock detected');
    const store = storeWith({
      append: async () => {
        throw deadlock;
      },
    });
    await expect(store.append({}, [newMessage()], { autocommit: false })).rejects.toBe(deadlock);
  });
});

describe('the end of a guarded store', () => {
  it('is final for every verb and facet (S13.1)', async () => {
    const store = storeWith({});
    await store.close();
    const calls: (() => unknown)[] = [
      () => store.append({}, [newMessage()], { autocommit: false }),
      () => store.claim(request),
      () => store.read(lease, all),
      () => store.settle(lease, settlementsOf([])),
      () => store.renew(lease, 5),
      () => store.release('t'),
      () => store.sharing?.handOver(lease),
      () => store.wakeups?.listen({ wake() {}, lost() {}, restored() {} }),
      () => store.maintenance?.purge({ limit: 1 }),
    ];
    for (const call of calls) {
      await expect((async () => call())()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    }
  });

  it('comes once, however often it is asked for', async () => {
    const store = new ScriptedStore(new VirtualClock());
    const guard = guardStore(store);
    await Promise.all([guard.close(), guard.close()]);
    await guard.close();
    expect(store.closed).toBe(1);
  });
});

describe('an edit of a dead letter', () => {
  const edits: DeadLetterEdit[] = [];
  const recovery = {
    redriveEdited: async (_id: string, edit: DeadLetterEdit) => {
      edits.push(edit);
      return 'new';
    },
  } as unknown as RecoveryFacet;
  const edit = (changes: unknown): Promise<string | null> | undefined =>
    storeWith({ recovery }).recovery?.redriveEdited('id', changes as DeadLetterEdit);

  it.each([
    ['a pattern as topic', { topic: 'order.*' }, 'MESSAGE_INVALID'],
    ['a line break in the topic', { topic: 'a\nb' }, 'MESSAGE_INVALID'],
    ['an empty topic', { topic: '' }, 'MESSAGE_INVALID'],
    ['a long topic', { topic: 'x'.repeat(256) }, 'MESSAGE_INVALID'],
    ['NUL in the content type', { contentType: 'text/plain\0' }, 'MESSAGE_INVALID'],
    ['a header that is no text', { headers: { a: 1 } }, 'MESSAGE_INVALID'],
    ['headers that are no object', { headers: 'a' }, 'MESSAGE_INVALID'],
    ['large headers', { headers: { a: 'x'.repeat(9_995) } }, 'MESSAGE_TOO_LARGE'],
    ['a payload that is no Unicode', { payload: '\ud800' }, 'MESSAGE_INVALID'],
    ['a payload that is not encoded', { payload: { total: 1 } }, 'MESSAGE_INVALID'],
    ['a large payload', { payload: new Uint8Array(1_000_001) }, 'MESSAGE_TOO_LARGE'],
  ])('is held to the rules of a message: %s', async (_, changes, code) => {
    edits.length = 0;
    await expect(edit(changes)).rejects.toMatchObject({ code });
    expect(edits).toEqual([]);
  });

  it.each([
    {},
    { payload: null },
    { payload: '' },
    { payload: 'a\0b' },
    { topic: 't', headers: { a: '' }, contentType: 'a/b' },
  ])('passes when it keeps them: %o', async (changes) => {
    edits.length = 0;
    expect(await edit(changes)).toBe('new');
    expect(edits).toEqual([changes]);
  });
});
