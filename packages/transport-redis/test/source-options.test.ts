import { expect, it } from 'vitest';
import { redisSource } from '../src/index.ts';

it.each<[string, object, RegExp]>([
  ['no address', { streams: ['s'], group: 'g' }, /exactly one of the options/],
  ['a client that is none', { client: {}, streams: ['s'], group: 'g' }, /option "client" must be a Redis/],
  ['no streams', { url: 'redis://h', streams: [], group: 'g' }, /option "streams"/],
  ['no group', { url: 'redis://h', streams: ['s'] }, /option "group"/],
  ['an unknown start', { url: 'redis://h', streams: ['s'], group: 'g', start: 'end' }, /option "start"/],
  ['an unknown option', { url: 'redis://h', streams: ['s'], group: 'g', stream: 's' }, /no option "stream"/],
])('refuses %s', (_, options, text) => {
  expect(() => redisSource(options as never)).toThrow(text);
});
