import { describe, expect, it } from 'vitest';
import { streamNaming } from '../src/streams.ts';

describe('the stream of a topic', () => {
  it('is the topic', () => {
    expect(streamNaming(undefined, '')('order.placed')).toBe('order.placed');
    expect(streamNaming(undefined, 'shop:')('order.placed')).toBe('shop:order.placed');
  });

  it('is one for all', () => {
    expect(streamNaming('events', 'shop:')('order.placed')).toBe('shop:events');
  });

  it('is what a function says', () => {
    const name = streamNaming((topic: string) => `{${topic.split('.')[0] ?? ''}}`, 'shop:');
    expect(name('order.placed')).toBe('shop:{order}');
  });

  it('is that of the most specific pattern', () => {
    const name = streamNaming({ 'order.*': 'orders', 'order.placed': 'placed', '*': 'rest' }, '');
    expect([name('order.placed'), name('order.paid'), name('stock')]).toEqual(['placed', 'orders', 'rest']);
  });

  it.each<[string, unknown, string]>([
    ['no pattern covers it', { 'order.*': 'orders' }, 'no pattern of the option "stream" covers it'],
    [
      'the function throws',
      () => {
        throw new Error('no idea');
      },
      'threw "no idea"',
    ],
    ['the function gives nothing', () => '', 'gave ""'],
    ['the function gives no text', () => undefined, 'gave undefined'],
  ])('is missing when %s', (_, stream, reason) => {
    expect(() => streamNaming(stream, 'p:')('stock')).toThrow(`The topic "stock" has no stream: `);
    expect(() => streamNaming(stream, 'p:')('stock')).toThrow(reason);
  });

  it.each<[unknown, string]>([
    ['', 'must be the name of a stream, a function'],
    [7, 'must be the name of a stream, a function'],
    [['a'], 'must be the name of a stream, a function'],
    [{ 'order.*': '' }, '"stream["order.*"]" must be the name of a stream'],
    [{ 'order*': 'a' }, 'Expected a topic such as'],
  ])('cannot be %j', (stream, reason) => {
    expect(() => streamNaming(stream, '')).toThrow(TypeError);
    expect(() => streamNaming(stream, '')).toThrow(reason);
  });
});
