import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_TOPICS, matchingTopics, namedTopics, TopicTable } from '../src/topics.ts';

describe('TopicTable', () => {
  const table = new TopicTable([
    ['*', 'everything'],
    ['order.*', 'orders'],
    ['order.item.*', 'items'],
    ['order.placed', 'placed'],
  ]);

  it('lets an exact topic win over every pattern', () => {
    expect(table.get('order.placed')).toBe('placed');
  });

  it('lets the longest prefix win, at any depth', () => {
    expect(table.get('order.paid')).toBe('orders');
    expect(table.get('order.item.added')).toBe('items');
    expect(table.get('order.item.price.changed')).toBe('items');
  });

  it('takes a prefix only up to its dot', () => {
    expect(table.get('order')).toBe('everything');
    expect(table.get('orders.placed')).toBe('everything');
  });

  it('answers undefined when nothing covers a topic', () => {
    expect(new TopicTable([['order.*', 1]]).get('invoice.sent')).toBeUndefined();
  });

  it('treats names of object members as topics like any other', () => {
    const plain = new TopicTable([['constructor', 1]]);
    expect(plain.get('constructor')).toBe(1);
    expect(plain.get('__proto__')).toBeUndefined();
    expect(plain.get('toString')).toBeUndefined();
  });

  it.each(['', 'order*', '*.placed', 'a.*.b', '.*', '**', 'a.**'])('refuses the pattern %j', (pattern) => {
    expect(() => new TopicTable([[pattern, 1]])).toThrow(TypeError);
    expect(() => new TopicTable([[pattern, 1]])).toThrow(JSON.stringify(pattern));
  });

  it.each(['order.placed', 'order.*', '*'])('refuses the pattern %j given twice', (pattern) => {
    const twice: [string, number][] = [
      [pattern, 1],
      [pattern, 2],
    ];
    expect(() => new TopicTable(twice)).toThrow('is given twice');
  });

  it('takes an exact topic and a pattern over it side by side', () => {
    const both = new TopicTable([
      ['order', 1],
      ['order.*', 2],
    ]);
    expect([both.get('order'), both.get('order.placed')]).toEqual([1, 2]);
  });

  it('knows its exact names when there are no patterns, and whether it covers everything', () => {
    const exact = new TopicTable([
      ['a', 1],
      ['b', 2],
    ]);
    expect(exact.exactNames()).toEqual(['a', 'b']);
    expect(exact.coversAll()).toBe(false);
    expect(table.exactNames()).toBeNull();
    expect(table.coversAll()).toBe(true);
    expect(new TopicTable([['a.*', 1]]).coversAll()).toBe(false);
  });

  it('agrees with a naive model on which pattern is the most specific', () => {
    const segment = fc.constantFrom('a', 'b', 'ab', 'c');
    const topic = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    const pattern = fc.oneof(
      topic,
      topic.map((text) => `${text}.*`),
      fc.constant('*'),
    );
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 12 }), topic, (patterns, asked) => {
        const covers = (candidate: string): boolean =>
          candidate.endsWith('*') ? asked.startsWith(candidate.slice(0, -1)) : candidate === asked;
        // An exact topic is longer than every prefix of it, so the longest pattern without its star is the best one.
        const specific = (candidate: string): number => candidate.replace('*', '').length;
        const expected = patterns.filter(covers).toSorted((a, b) => specific(b) - specific(a))[0];
        const entries = patterns.map((text): [string, string] => [text, text]);
        expect(new TopicTable(entries).get(asked)).toBe(expected);
      }),
    );
  });
});

describe('topic filters', () => {
  it('accepts every topic', () => {
    expect(ALL_TOPICS.matches('anything')).toBe(true);
    expect(ALL_TOPICS).toMatchObject({ kind: 'all', names: [] });
  });

  it('accepts the named topics and no other, each listed once', () => {
    const filter = namedTopics(['a', 'b', 'a']);
    expect(filter.kind).toBe('names');
    expect(filter.names).toEqual(['a', 'b']);
    expect([filter.matches('a'), filter.matches('c')]).toEqual([true, false]);
  });

  it('accepts what its function accepts', () => {
    const filter = matchingTopics((topic) => topic.startsWith('a'));
    expect(filter).toMatchObject({ kind: 'patterns', names: [] });
    expect([filter.matches('ab'), filter.matches('b')]).toEqual([true, false]);
  });
});
