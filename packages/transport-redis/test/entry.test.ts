import { describe, expect, it } from 'vitest';
import { toEntry } from '../src/entry.ts';
import { message } from './support/messages.ts';

describe('an entry', () => {
  it('leaves out what a message does not have', () => {
    const { shape, values } = toEntry(message({ id: 'm1', payload: null }), 0);
    expect(shape.text).toBe('id topic content-type created-at');
    expect(values).toEqual(['m1', 'order.placed', 'application/json', '2026-01-02T03:04:05.678Z']);
  });

  it('has a field for everything else, in an order that does not change', () => {
    const full = message({ id: 'm1', key: 'k', headers: { a: 'b' }, deduplicationId: 'm1#1', payload: 'p' });
    const { shape, values } = toEntry(full, 7);
    expect(shape.text).toBe('id topic key content-type created-at headers deduplication-id payload');
    expect(shape.names).toEqual(shape.text.split(' '));
    expect(values).toEqual([
      'm1',
      'order.placed',
      'k',
      'application/json',
      '2026-01-02T03:04:05.678Z',
      '{"a":"b"}',
      'm1#1',
      'p',
    ]);
  });

  it('tells empty from absent', () => {
    const { shape } = toEntry(message({ key: '', payload: '' }), 0);
    expect(shape.text).toBe('id topic key content-type created-at payload');
  });

  it('passes texts on and copies bytes', () => {
    const bytes = new Uint8Array([0, 255, 13, 10]);
    const { values } = toEntry(message({ payload: bytes }), 0);
    bytes.fill(1);
    expect(values.at(-1)).toEqual(Buffer.from([0, 255, 13, 10]));
    expect(toEntry(message({ payload: 'ä' }), 0).values.at(-1)).toBe('ä');
  });

  it('puts topic and key into its lane without confusing them', () => {
    expect(toEntry(message({ key: null }), 0).lane).toBeNull();
    expect(toEntry(message({ topic: 'a', key: 'b' }), 0).lane).not.toBe(
      toEntry(message({ topic: 'ab', key: '' }), 0).lane,
    );
  });

  it('counts the bytes of payload and headers', () => {
    const small = toEntry(message({ payload: null }), 0).bytes;
    expect(toEntry(message({ payload: 'äö' }), 0).bytes).toBe(small + 4);
    expect(toEntry(message({ payload: null, headers: { a: 'é' } }), 0).bytes).toBe(small + 10);
  });
});
