import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOutbox } from '../src/outbox.ts';
import type { StandardSchema } from '../src/standard-schema.ts';
import { appendStore, type Tx } from './support/append-store.ts';
import { thenable } from './support/thenable.ts';
import { promisesSettled } from './support/virtual-clock.ts';

const tx: Tx = { done: [] };
const order = z.object({ total: z.number().positive(), note: z.string().trim().default('none') });
const known = z.object({ id: z.string().refine(async (id) => id !== 'unknown', 'is not known') });

/** A schema of another library, made of whatever its validation gives. */
function schemaOf(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: validate as never } };
}

const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};
beforeAll(() => {
  process.on('unhandledRejection', note);
});
afterAll(() => {
  process.off('unhandledRejection', note);
});

describe.each(['sync', 'async'] as const)('schemas on a store that appends %s', (mode) => {
  it('store what the schema returns', async () => {
    const store = appendStore(mode);
    const outbox = createOutbox({ store, topics: { 'order.*': { schema: order } } });
    await outbox.append(tx, { topic: 'order.placed', payload: { total: 5, note: '  soon ' } });
    await outbox.append(tx, { topic: 'order.placed', payload: { total: 5 } });
    expect(store.appended.map(({ message }) => message.payload)).toEqual([
      '{"total":5,"note":"soon"}',
      '{"total":5,"note":"none"}',
    ]);
  });

  it('refuse a payload with the path of every issue, and nothing is written', async () => {
    const store = appendStore(mode);
    const outbox = createOutbox({ store, topics: { a: { schema: order } } });
    const append = async (): Promise<unknown> =>
      outbox.append(tx, [
        { topic: 'a', payload: { total: 1 } },
        { topic: 'a', payload: { total: -1, note: 5 as never } },
      ]);
    await expect(append()).rejects.toMatchObject({
      code: 'SCHEMA_REJECTED',
      message: expect.stringMatching(/"a".*total: .*; note: .*Nothing was written\./),
    });
    expect(store.appended).toEqual([]);
  });
});

describe('asynchronous schemas', () => {
  it('work on an asynchronous store, order kept', async () => {
    const store = appendStore('async');
    const outbox = createOutbox({ store, topics: { a: { schema: known }, b: {} } });
    await outbox.append(tx, [
      { topic: 'a', payload: { id: 'x' }, id: 'm1' },
      { topic: 'b', payload: {}, id: 'm2' },
      { topic: 'a', payload: { id: 'y' }, id: 'm3' },
    ]);
    expect(store.appended.map(({ message }) => message.id)).toEqual(['m1', 'm2', 'm3']);
    await expect(outbox.append(tx, { topic: 'a', payload: { id: 'unknown' } })).rejects.toMatchObject({
      code: 'SCHEMA_REJECTED',
      message: expect.stringContaining('id: is not known'),
    });
  });

  it('throw on a synchronous store before anything is written', () => {
    const store = appendStore('sync');
    const outbox = createOutbox({ store, topics: { a: { schema: schemaOf(async (value) => ({ value })) } } });
    expect(() => outbox.append(tx, { topic: 'a', payload: {} })).toThrow(
      new TypeError(
        'The schema of "a" validates asynchronously, but this store writes inside a synchronous transaction. Use a synchronous schema, or validate before the transaction.',
      ),
    );
    expect(store.appended).toEqual([]);
  });

  it('are recognised by what they give, not by its class', async () => {
    const topics = { a: { schema: schemaOf((value) => thenable({ value })) } };
    const store = appendStore('async');
    await createOutbox({ store, topics }).append(tx, { topic: 'a', payload: { kept: true } });
    expect(store.appended[0]?.message.payload).toBe('{"kept":true}');
    expect(() => createOutbox({ store: appendStore('sync'), topics }).append(tx, { topic: 'a' })).toThrow(
      /validates asynchronously/,
    );
  });

  it('leave no rejection unhandled, whatever else fails first', async () => {
    const failing = schemaOf(async () => {
      throw new Error('the schema itself failed');
    });
    const topics = { a: { schema: failing } };
    const on = createOutbox({ store: appendStore('async'), topics });
    const messages = [{ topic: 'a' as const }, { topic: '' as 'a' }, { topic: 'a' as const }];
    await expect(on.append(tx, messages)).rejects.toThrow(/the schema itself failed|topic is empty/);
    const off = createOutbox({ store: appendStore('sync'), topics });
    expect(() => off.append(tx, { topic: 'a' })).toThrow(/validates asynchronously/);
    await promisesSettled();
    await promisesSettled();
    expect(unhandled).toEqual([]);
  });
});
