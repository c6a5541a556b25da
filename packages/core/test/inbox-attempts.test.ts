import { expect, it } from 'vitest';
import { OutboxError } from '../src/errors.ts';
import { createInbox } from '../src/inbox.ts';
import { CAUSATION_HEADER, CORRELATION_HEADER } from '../src/lineage.ts';
import { createOutbox } from '../src/outbox.ts';
import { appendStore } from './support/append-store.ts';
import { InboxStore } from './support/inbox-store.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const consumer = 'billing';
const order = { id: 'm1', topic: 'orders', key: 'o1', payload: '{}' };
const fail = async (): Promise<never> => {
  throw new Error('no such order');
};

function made(maxAttempts: number) {
  const model = new InboxStore(new VirtualClock());
  return { model, inbox: createInbox({ store: model.store, maxAttempts }) };
}

it('passes errors on until the attempts are used up, then parks the message', async () => {
  const { model, inbox } = made(3);
  const delivery = { consumer, message: order };
  for (const attempts of [1, 2]) {
    await expect(inbox.receive(delivery, fail)).rejects.toThrow('no such order');
    expect(model.attempts.get('billing/m1')).toBe(attempts);
  }
  expect(await inbox.receive(delivery, fail)).toEqual({
    status: 'parked',
    reason: 'attempts-exhausted',
    error: 'no such order',
  });
  expect(await inbox.receive(delivery, fail)).toEqual({ status: 'duplicate' });
  expect(model.parkedAt(consumer, 'm1')).toMatchObject({
    attempts: 3,
    message: { ...order, headers: {}, contentType: 'application/json', createdAt: expect.any(Date) },
  });
  expect(model.receipts.size).toBe(0);
});

it('finds a message that ends the process, whose attempts nobody lives to count', async () => {
  const { model, inbox } = made(2);
  let handlers = 0;
  // A handler that never comes back: what a killed process leaves behind.
  const die = (): Promise<never> => {
    handlers++;
    return new Promise(() => {});
  };
  for (let death = 0; death < 2; death++) {
    void inbox.receive({ consumer, message: order }, die);
    await expect.poll(() => handlers).toBe(death + 1);
    model.crash();
  }
  const third = await inbox.receive({ consumer, message: order }, die);
  expect(third).toMatchObject({ status: 'parked', reason: 'attempts-exhausted' });
  expect(handlers).toBe(2);
  expect(model.parkedAt(consumer, 'm1')?.attempts).toBe(2);
});

it('does not count first deliveries that succeed, and forgets the attempts of those that do later', async () => {
  const { model, inbox } = made(3);
  const first = { consumer, message: order, redelivered: false };
  await expect(inbox.receive(first, fail)).rejects.toThrow('no such order');
  expect(model.attempts.get('billing/m1')).toBe(1);
  expect(await inbox.receive({ ...first, redelivered: true }, async () => 7)).toEqual({
    status: 'processed',
    value: 7,
  });
  expect(model.attempts.size).toBe(0);
  let during = -1;
  const message = { ...order, id: 'm2' };
  await inbox.receive({ consumer, message, redelivered: false }, async () => {
    during = model.attempts.size;
  });
  expect(during).toBe(0);
});

it('parks at once what the handler rejects', async () => {
  const { inbox } = made(5);
  const reject = async (): Promise<never> => {
    throw new OutboxError('MESSAGE_REJECTED', 'never placed');
  };
  expect(await inbox.receive({ consumer, message: order }, reject)).toEqual({
    status: 'parked',
    reason: 'rejected',
    error: 'never placed',
  });
});

it('needs a whole message and the facet when it is to park', async () => {
  const { model, inbox } = made(5);
  await expect(inbox.receive({ consumer, message: { id: 'm1' } }, fail)).rejects.toMatchObject({
    code: 'MESSAGE_INVALID',
  });
  const store = { ...model.store, parking: undefined };
  expect(() => createInbox({ store, maxAttempts: 1 })).toThrow(/parking facet/);
  expect(() => createInbox({ store, maxAttempts: 0 })).toThrow(/maxAttempts/);
  expect(() => createInbox({ store })).not.toThrow();
});

it('handles a batch in one transaction, and separates what fails from its neighbours', async () => {
  const { model, inbox } = made(5);
  const batch = ['a', 'b', 'c'].map((id) => ({
    consumer,
    message: { ...order, id, key: id },
    redelivered: false,
  }));
  const handler = async (tx: { effects: string[] }, { id }: { id: string }): Promise<string> => {
    tx.effects.push(id);
    return id;
  };
  expect(await inbox.receiveBatch(batch, handler)).toEqual(
    ['a', 'b', 'c'].map((value) => ({ status: 'processed', value })),
  );
  expect(model.ended).toEqual(['commit']);
  expect(await inbox.receiveBatch(batch, handler)).toEqual(batch.map(() => ({ status: 'duplicate' })));

  const more = ['d', 'bad', 'f', 'g'].map((id) => ({
    consumer,
    message: { ...order, id, key: id === 'f' ? 'bad' : id },
    redelivered: id === 'g',
  }));
  const results = await inbox.receiveBatch(more, async (tx, message) => {
    tx.effects.push(message.id);
    if (message.id === 'bad') throw new Error('no such order');
  });
  expect(results.map(({ status }) => status)).toEqual(['processed', 'failed', 'withheld', 'processed']);
  expect(model.effects).toEqual(['a', 'b', 'c', 'd', 'g']);
  expect(model.attempts).toEqual(new Map([['billing/bad', 1]]));
  expect(await inbox.receiveBatch([], handler)).toEqual([]);
});

it('lets what a handler appends say where it comes from', async () => {
  const inbox = createInbox({ store: made(1).model.store });
  const store = appendStore('async');
  const outbox = createOutbox({ store, headers: () => ({ tenant: 't1' }) });
  const append = async (id: string, headers?: Record<string, string>): Promise<unknown> => {
    await outbox.append({ done: [] }, { id, topic: 'invoices', headers });
    return store.appended.at(-1)?.message.headers;
  };
  const receive = (id: string, headers: Record<string, string>, own?: Record<string, string>) =>
    inbox.receive({ consumer, message: { ...order, id, headers } }, () => append(`after-${id}`, own));
  expect(await receive('m1', {})).toMatchObject({
    value: { [CAUSATION_HEADER]: 'm1', [CORRELATION_HEADER]: 'm1', tenant: 't1' },
  });
  expect(await receive('m2', { [CORRELATION_HEADER]: 'c7' })).toMatchObject({
    value: { [CAUSATION_HEADER]: 'm2', [CORRELATION_HEADER]: 'c7' },
  });
  expect(await receive('m3', { [CORRELATION_HEADER]: 'a\0b' })).toMatchObject({
    value: { [CORRELATION_HEADER]: 'm3' },
  });
  expect(await receive('m4', {}, { [CORRELATION_HEADER]: 'own' })).toMatchObject({
    value: { [CORRELATION_HEADER]: 'own', [CAUSATION_HEADER]: 'm4' },
  });
  expect(await append('outside')).toEqual({ tenant: 't1' });
});
