import { randomBytes } from 'node:crypto';
import { defineStoreConformance } from '@outrelay/conformance';
import { createInbox, createOutbox } from '@outrelay/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Application, Held } from './application.ts';
import { libraryHarness } from './harness.ts';
import type { Library, Server, TestDatabase, TestedStore } from './library.ts';
import { message, payloadText, published } from './messages.ts';

/**
 * What a library can break of the clauses of append and inbox: the transaction, the handle and the content. The store's
 * own suite proves all of them.
 */
const CLAUSES = [
  'S1.1',
  'S1.2',
  'S1.3',
  'S1.4',
  'S1.5',
  'S1.6',
  'S1.7',
  'S1.11',
  'S1.12',
  'S1.13',
  'S1.18',
  'S11.3',
];

const ENDED = /^TRANSACTION_(CLOSED|REQUIRED)$/;

/** Proves that the outbox and the inbox take part in the transactions of a library. */
export function describeLibrary<Tx, Root>(library: Library<Tx, Root>, server: Server): void {
  describe(`Transactions of ${library.name}`, () => {
    let database: TestDatabase;
    let application: Application<Tx, Root>;
    let store: TestedStore;

    beforeAll(async () => {
      database = await server.createDatabase();
      application = await library.open(database.url);
      store = database.store({ name: `o_${randomBytes(4).toString('hex')}_` });
      await store.schema.apply();
    });

    const open = new Set<Held<Tx>>();
    const begin = async (): Promise<Held<Tx>> => {
      const held = await application.begin();
      const end = (how: 'commit' | 'rollback') => (): Promise<void> => {
        open.delete(held);
        return held[how]();
      };
      open.add(held);
      return { handle: held.handle, commit: end('commit'), rollback: end('rollback') };
    };

    // A test that failed in the middle of a transaction must not keep its locks.
    afterEach(() => Promise.all([...open].map((held) => held.rollback())));

    afterAll(async () => {
      await store?.close();
      await application?.close();
      await database?.drop();
    });

    const outbox = () => createOutbox({ store });

    it('commits the message with the row of the application', async () => {
      const { handle, commit } = await begin();
      await application.insertOrder(handle, 'committed');
      await outbox().append(library.handle(handle), {
        topic: 'order.placed',
        key: 'committed',
        payload: { order: 'committed' },
      });
      expect(await published(store), 'before the commit').toEqual([]);
      await commit();
      expect((await published(store)).map(({ key }) => key)).toEqual(['committed']);
      expect(await database.orders()).toContain('committed');
    });

    it('rolls the message back with the row of the application', async () => {
      const { handle, rollback } = await begin();
      await application.insertOrder(handle, 'rolled back');
      await outbox().append(library.handle(handle), {
        topic: 'order.placed',
        key: 'rolled back',
        payload: null,
      });
      await rollback();
      expect(await published(store)).toEqual([]);
      expect(await database.orders()).not.toContain('rolled back');
    });

    it('drops what was appended in a nested transaction that rolls back, and nothing else', async () => {
      const { handle, commit } = await begin();
      const append = (tx: Tx, key: string): Promise<unknown> =>
        outbox().append(library.handle(tx), { topic: 'nested', key, payload: null });
      await append(handle, 'before');
      const failure = new Error('the nested part fails');
      const nested = application.nest(handle, async (tx) => {
        await application.insertOrder(tx, 'in the failed part');
        await append(tx, 'in the failed part');
        throw failure;
      });
      await expect(nested).rejects.toBe(failure);
      await application.nest(handle, async (tx) => {
        await application.insertOrder(tx, 'in the other part');
        await append(tx, 'in the other part');
      });
      await append(handle, 'after');
      await commit();
      const keys = (await published(store)).map(({ key }) => key);
      expect(new Set(keys)).toEqual(new Set(['after', 'before', 'in the other part']));
      expect(keys).toHaveLength(3);
      expect(await database.orders()).toContain('in the other part');
      expect(await database.orders()).not.toContain('in the failed part');
    });

    it('takes 1,000 messages in one append, in order', async () => {
      const { handle, commit } = await begin();
      const messages = Array.from({ length: 1_000 }, (_, n) => ({ topic: 'bulk', key: 'k', payload: { n } }));
      await outbox().append(library.handle(handle), messages);
      await commit();
      const numbers = (await published(store)).map(({ payload }) => JSON.parse(String(payload)).n);
      expect(numbers).toEqual(messages.map(({ payload }) => payload.n));
    });

    it('reports an id that is there, and keeps the transaction usable', async () => {
      const { handle, commit } = await begin();
      const append = (...ids: string[]): Promise<unknown> =>
        store.append(
          library.handle(handle),
          ids.map((id) => message(id, '{}', 'application/json', {})),
          {
            autocommit: false,
          },
        );
      expect(await append('first')).toEqual({ duplicates: [] });
      expect(await append('first')).toEqual({ duplicates: ['first'] });
      expect(await append('second', 'first', 'third')).toEqual({ duplicates: ['first'] });
      await commit();
      expect((await published(store)).map(({ id }) => id)).toEqual(['first', 'second', 'third']);
    });

    it('takes strict and scheduled messages', async () => {
      const { handle, commit } = await begin();
      const strict = { ...message('strict', '1', 'text/plain', {}), key: 'k', ordering: 'strict' as const };
      const due = { ...message('due', '2', 'text/plain', {}), key: 'k', availableAt: new Date(0) };
      const later = {
        ...message('later', '3', 'text/plain', {}),
        availableAt: new Date(Date.now() + 86_400_000),
      };
      await store.append(library.handle(handle), [strict, due, later], { autocommit: false });
      await commit();
      expect(new Set((await published(store)).map(({ id }) => id))).toEqual(new Set(['strict', 'due']));
    });

    it('keeps every byte, and numbers beyond 2^53', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const text = `{"id":9007199254740993,"name":"Ünïcødé 😀 \u2028","sql":"it''s \\\\ ? $1 :name @p {}"}`;
      const headers = { 'trace-id': 'a ? b $1 \\ \' " `', näme: 'ß' };
      const { handle, commit } = await begin();
      await store.append(
        library.handle(handle),
        [
          message('bytes', bytes, 'application/octet-stream', headers),
          message('text', text, 'application/json', headers),
          message('empty', '', 'text/plain', {}),
          message('absent', null, 'text/plain', {}),
        ],
        { autocommit: false },
      );
      await commit();
      const back = new Map((await published(store)).map((received) => [received.id, received]));
      expect(Buffer.from(back.get('bytes')?.payload as Uint8Array)).toEqual(Buffer.from(bytes));
      expect(payloadText(back.get('text'))).toBe(text);
      expect(payloadText(back.get('empty'))).toBe('');
      expect(back.get('absent')?.payload).toBeNull();
      expect(back.get('bytes')?.headers).toEqual(headers);
      expect(back.get('text')?.headers).toEqual(headers);
    });

    it('refuses what is no transaction, and says what it is and what to do', () => {
      const mistakes = library.mistakes(application);
      expect(mistakes.length).toBeGreaterThan(0);
      for (const { handle, told } of mistakes) {
        const refusal = refusalOf(() => library.handle(handle as Tx));
        expect(refusal).toMatchObject({ code: 'TRANSACTION_REQUIRED' });
        expect(refusal).toMatchObject({ message: expect.stringMatching(told) });
        expect(refusal).toMatchObject({ message: expect.stringContaining('Append inside') });
      }
    });

    it.each([undefined, null, 1, 'tx', {}, [], () => {}])('refuses %j as a transaction', (handle) => {
      expect(refusalOf(() => library.handle(handle as Tx))).toMatchObject({ code: 'TRANSACTION_REQUIRED' });
    });

    it('refuses a transaction that has been committed', async () => {
      const { handle, commit } = await begin();
      await outbox().append(library.handle(handle), { topic: 'in time', payload: null });
      await commit();
      const late = outbox().append(library.handle(handle), { topic: 'late', payload: null });
      await expect(late).rejects.toMatchObject({ code: expect.stringMatching(ENDED) });
      expect((await published(store)).map(({ topic }) => topic)).toEqual(['in time']);
    });

    it('refuses a transaction that has been rolled back', async () => {
      const { handle, rollback } = await begin();
      await rollback();
      const late = outbox().append(library.handle(handle), { topic: 'late', payload: null });
      await expect(late).rejects.toMatchObject({ code: expect.stringMatching(ENDED) });
      expect(await published(store)).toEqual([]);
    });

    it('writes nothing and keeps the transaction usable when a message is refused', async () => {
      const { handle, commit } = await begin();
      const refused = outbox().append(library.handle(handle), { topic: '', payload: null });
      await expect(refused).rejects.toMatchObject({ code: 'MESSAGE_INVALID' });
      await application.insertOrder(handle, 'after a refusal');
      await commit();
      expect(await database.orders()).toContain('after a refusal');
    });

    it('fails with the command to run when the tables are missing', async () => {
      const missing = database.store({ name: 'missing_' });
      const { handle, rollback } = await begin();
      const append = createOutbox({ store: missing }).append(library.handle(handle), {
        topic: 't',
        payload: null,
      });
      await expect(append).rejects.toMatchObject({
        code: 'STORE_SCHEMA_MISSING',
        message: expect.stringContaining('outrelay migrate apply'),
      });
      await rollback();
      await missing.close();
    });

    it("records a receipt in the library's transaction, with the effects and what they append", async () => {
      const inbox = createInbox({ store });
      const receive = async (end: 'commit' | 'rollback'): Promise<boolean> => {
        const { handle, ...transaction } = await begin();
        const delivery = { consumer: 'billing', message: { id: 'received' } };
        const first = await inbox.record(library.handle(handle), delivery);
        if (first) {
          await application.insertOrder(handle, 'received');
          await outbox().append(library.handle(handle), { topic: 'invoice.sent', payload: null });
        }
        await transaction[end]();
        return first;
      };
      expect(await receive('rollback')).toBe(true);
      expect(await database.orders()).not.toContain('received');
      expect(await receive('commit')).toBe(true);
      expect(await receive('commit')).toBe(false);
      expect((await published(store)).map(({ topic }) => topic)).toEqual(['invoice.sent']);
      expect(await database.orders()).toContain('received');
    });

    const harness = libraryHarness(library, server, () => ({ database, application }));
    for (const grep of CLAUSES) defineStoreConformance({ describe, it, harness, grep });
  });
}

function refusalOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
