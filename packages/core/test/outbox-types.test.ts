import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type Appended, createOutbox, type TopicName, topicTypes } from '../src/outbox.ts';
import { appendStore, type Tx } from './support/append-store.ts';

interface OrderPlaced {
  total: number;
}

const tx: Tx = { done: [] };
type Given<F extends (...args: never[]) => unknown, N extends number> = Parameters<F>[N];

describe('the types of an outbox', () => {
  it('give a plain value on a synchronous store and a promise on an asynchronous one', () => {
    const sync = createOutbox({ store: appendStore('sync') });
    const later = createOutbox({ store: appendStore('async') });
    expectTypeOf<typeof sync.append>().returns.toEqualTypeOf<Appended>();
    expectTypeOf<typeof later.append>().returns.toEqualTypeOf<Promise<Appended>>();
    expectTypeOf<Given<typeof sync.append, 0>>().toEqualTypeOf<Tx>();
    expectTypeOf<Given<typeof sync.appendAutocommit, 0>>().toEqualTypeOf<Tx | 'root'>();
    expect(sync.append(tx, [])).toEqual({ ids: [], duplicates: [] });
  });

  it('take any topic and payload when no topics are declared', () => {
    const outbox = createOutbox({ store: appendStore('sync') });
    outbox.append(tx, { topic: 'anything', payload: new Map() });
    expectTypeOf<typeof outbox.append>().toBeCallableWith(tx, { topic: 'anything', payload: 5 });
    // @ts-expect-error a handle of another store
    const wrong = (): unknown => outbox.append('root', { topic: 'anything' });
    expect(wrong).toBeTypeOf('function');
  });

  it('know the payload of each topic that is declared', () => {
    const outbox = createOutbox({
      store: appendStore('sync'),
      topics: topicTypes<{ 'order.placed': OrderPlaced; 'mail.*': string }>(),
    });
    outbox.append(tx, { topic: 'order.placed', payload: { total: 5 } });
    outbox.append(tx, [{ topic: 'mail.welcome', payload: 'hi' }, { topic: 'order.placed' }]);
    // @ts-expect-error a payload of another topic
    const payload = (): unknown => outbox.append(tx, { topic: 'order.placed', payload: 'hi' });
    // @ts-expect-error a topic that nobody declared
    const topic = (): unknown => outbox.append(tx, { topic: 'order.paid', payload: { total: 5 } });
    expect([payload, topic]).toHaveLength(2);
  });

  it('take from a schema what goes in, not what comes out', () => {
    const schema = z.object({ at: z.string().transform((text) => text.length) });
    const store = appendStore('sync');
    const outbox = createOutbox({ store, topics: { timed: { schema } } });
    outbox.append(tx, { topic: 'timed', payload: { at: 'noon' } });
    // @ts-expect-error what the schema gives is not what it takes
    const wrong = (): unknown => outbox.append(tx, { topic: 'timed', payload: { at: 4 } });
    expect(wrong).toThrow(/at: /);
    expect(store.appended[0]?.message.payload).toBe('{"at":4}');
  });

  it('turn patterns into the topics they stand for', () => {
    expectTypeOf<TopicName<'order.placed'>>().toEqualTypeOf<'order.placed'>();
    expectTypeOf<TopicName<'order.*'>>().toEqualTypeOf<`order.${string}`>();
    expectTypeOf<TopicName<'*'>>().toEqualTypeOf<string>();
  });
});
