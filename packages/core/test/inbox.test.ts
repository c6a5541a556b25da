import { describe, expect, expectTypeOf, it } from 'vitest';
import { guardStore } from '../src/guard/guard-store.ts';
import { createInbox, type Received } from '../src/inbox.ts';
import type { ConsumedMessage } from '../src/parking.ts';
import type { Mode, OutboxStore } from '../src/store.ts';
import { appendStore, type Tx } from './support/append-store.ts';

const delivery = { consumer: 'billing', message: { id: 'm1' } };

describe.each<Mode>(['sync', 'async'])('createInbox on a store that appends %s', (mode) => {
  it('runs the handler once per consumer and message, in the transaction of the receipt', async () => {
    const store = appendStore<Mode>(mode);
    const inbox = createInbox({ store });
    const handler = (tx: Tx): string => {
      tx.done.push('effect');
      return 'invoice';
    };
    expect(await inbox.receive(delivery, handler as never)).toEqual({
      status: 'processed',
      value: 'invoice',
    });
    expect(await inbox.receive(delivery, handler as never)).toEqual({ status: 'duplicate' });
    expect(await inbox.receive({ ...delivery, consumer: 'mail' }, handler as never)).toMatchObject({
      status: 'processed',
    });
    expect(store.ended).toEqual(['billing/m1 effect commit', 'commit', 'mail/m1 effect commit']);
  });

  it('rolls back when the handler throws, and passes its error on', async () => {
    const store = appendStore<Mode>(mode);
    const failure = new Error('no such order');
    const handler = (): never => {
      throw failure;
    };
    await expect(createInbox({ store }).receive(delivery, handler)).rejects.toBe(failure);
    expect(store.ended).toEqual(['billing/m1 rollback']);
  });

  it('records in a transaction of the caller', async () => {
    const inbox = createInbox({ store: appendStore<Mode>(mode) });
    const tx: Tx = { done: [] };
    expect(await inbox.record(tx, delivery)).toBe(true);
    expect(await inbox.record(tx, delivery)).toBe(false);
    expect(tx.done).toEqual(['billing/m1']);
  });

  it.each<[string, unknown]>([
    ['no delivery', undefined],
    ['no consumer', { message: { id: 'm1' } }],
    ['an empty consumer', { consumer: '', message: { id: 'm1' } }],
    ['a long consumer', { consumer: 'x'.repeat(256), message: { id: 'm1' } }],
    ['no message', { consumer: 'billing' }],
    ['no id', { consumer: 'billing', message: {} }],
    ['an empty id', { consumer: 'billing', message: { id: '' } }],
    ['a number as id', { consumer: 'billing', message: { id: 5 } }],
    ['NUL in the id', { consumer: 'billing', message: { id: 'a\0' } }],
    ['a lone surrogate in the id', { consumer: 'billing', message: { id: '\ud800' } }],
  ])('refuses %s', async (_, wrong) => {
    const store = appendStore<Mode>(mode);
    const inbox = createInbox({ store });
    await expect(inbox.receive(wrong as never, () => 1 as never)).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
    });
    const tx: Tx = { done: [] };
    const record = async (): Promise<unknown> => inbox.record(tx, wrong as never);
    await expect(record()).rejects.toMatchObject({ code: 'MESSAGE_INVALID' });
    expect(tx.done).toEqual([]);
  });

  it('says which facet a store lacks', async () => {
    const bare: OutboxStore<Tx, Mode, 'root'> = { ...appendStore<Mode>(mode), inbox: undefined };
    expect(() => createInbox({ store: bare })).toThrow(expect.objectContaining({ code: 'NOT_SUPPORTED' }));
    const half: OutboxStore<Tx, Mode, 'root'> = { ...appendStore<Mode>(mode), transactions: undefined };
    const inbox = createInbox({ store: half });
    await expect(inbox.receive(delivery, () => 1 as never)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    expect(await inbox.record({ done: [] }, delivery)).toBe(true);
  });
});

describe('createInbox and time', () => {
  it('throws from record on a synchronous store and rejects on an asynchronous one', async () => {
    const tx: Tx = { done: [] };
    const wrong = { consumer: '', message: { id: 'm1' } };
    expect(() => createInbox({ store: appendStore('sync') }).record(tx, wrong)).toThrow(/A receipt needs/);
    const rejected = createInbox({ store: appendStore('async') }).record(tx, wrong);
    expect(rejected).toBeInstanceOf(Promise);
    await expect(rejected).rejects.toThrow(/A receipt needs/);
  });

  it('rejects after the store was closed', async () => {
    const store = guardStore<Tx, 'async', 'root'>(appendStore('async'));
    const inbox = createInbox({ store });
    await store.close();
    const rejected = inbox.record({ done: [] }, delivery);
    expect(rejected).toBeInstanceOf(Promise);
    await expect(rejected).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(inbox.receive(delivery, async () => 1)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });

  it('refuses an asynchronous handler on a synchronous store: its effects would miss the commit', async () => {
    const store = appendStore('sync');
    const handler = (async () => {
      throw new Error('nobody waits for this');
    }) as never;
    await expect(createInbox({ store }).receive(delivery, handler)).rejects.toThrow(
      new TypeError(
        'The handler of "billing" is asynchronous, but this store writes inside a synchronous transaction. Make the handler synchronous.',
      ),
    );
    expect(store.ended).toEqual(['billing/m1 rollback']);
  });
});

describe('the types of an inbox', () => {
  it('ask for a handler of the kind the store needs', () => {
    const sync = createInbox({ store: appendStore('sync') });
    const later = createInbox({ store: appendStore('async') });
    expectTypeOf<typeof sync.receive<number>>()
      .parameter(1)
      .toEqualTypeOf<(tx: Tx, message: ConsumedMessage) => number>();
    expectTypeOf<typeof later.receive<number>>()
      .parameter(1)
      .toEqualTypeOf<(tx: Tx, message: ConsumedMessage) => Promise<number>>();
    expectTypeOf<typeof sync.receive<number>>().returns.toEqualTypeOf<Promise<Received<number>>>();
    expectTypeOf<typeof sync.record>().returns.toEqualTypeOf<boolean>();
    expectTypeOf<typeof later.record>().returns.toEqualTypeOf<Promise<boolean>>();
    expect(sync).not.toBe(later);
  });
});
