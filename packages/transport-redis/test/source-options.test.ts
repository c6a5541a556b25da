import { expect, it } from 'vitest';
import { deadLettersOf } from '../src/dead-letters.ts';
import { redisSource } from '../src/index.ts';
import { slotOf } from '../src/slot.ts';

it.each<[string, object, RegExp]>([
  ['no address', { streams: ['s'], group: 'g' }, /exactly one of the options/],
  ['a client that is none', { client: {}, streams: ['s'], group: 'g' }, /option "client" must be a Redis/],
  ['no streams', { url: 'redis://h', streams: [], group: 'g' }, /option "streams"/],
  ['no group', { url: 'redis://h', streams: ['s'] }, /option "group"/],
  ['an unknown start', { url: 'redis://h', streams: ['s'], group: 'g', start: 'end' }, /option "start"/],
  ['an unknown option', { url: 'redis://h', streams: ['s'], group: 'g', stream: 's' }, /no option "stream"/],
  [
    'dead letters in another slot of a cluster',
    {
      cluster: { nodes: [{ host: 'h' }] },
      streams: ['{a}s'],
      group: 'g',
      deadLetterStream: 'dead',
    },
    /option "deadLetterStream" must name a stream in the slot of "\{a\}s" on a cluster; got "dead"/,
  ],
])('refuses %s', (_, options, text) => {
  expect(() => redisSource(options as never)).toThrow(text);
});

it.each([
  ['orders', '{orders}.dead'],
  ['shop:{orders}', 'shop:{orders}.dead'],
])('has the dead letters of %s in its slot, on a cluster', (stream, dead) => {
  const name = deadLettersOf(null, [stream], true);
  expect(name(stream)).toBe(dead);
  expect(slotOf(dead)).toBe(slotOf(stream));
});
