import { describe, expect, it } from 'vitest';
import { readRedisUrl } from '../src/redis-url.ts';

describe('a Redis URL', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379, db: 0 }],
    ['redis://localhost/', { host: 'localhost', port: 6379, db: 0 }],
    ['redis://10.0.0.1:6380/12', { host: '10.0.0.1', port: 6380, db: 12 }],
    ['redis://[::1]:6380', { host: '::1', port: 6380, db: 0 }],
    ['rediss://host', { host: 'host', port: 6379, db: 0, tls: {} }],
    [
      'redis://shop:p%40ss%2Fw%3Ard@host',
      { host: 'host', port: 6379, db: 0, username: 'shop', password: 'p@ss/w:rd' },
    ],
    ['redis://:only@host', { host: 'host', port: 6379, db: 0, password: 'only' }],
  ])('%s has parts', (url, parts) => {
    expect(readRedisUrl(url)).toEqual(parts);
    expect(readRedisUrl(new URL(url))).toEqual(parts);
  });

  it.each<[unknown, string]>([
    ['http://host', 'begin with "redis://" or "rediss://"; got "http:"'],
    ['redis:///0', 'name a host'],
    ['redis://host?db=1', 'end with the number of the database'],
    ['redis://host/#a', 'end with the number of the database'],
    ['redis://host/zero', 'have the number of a database as its path'],
    ['redis://host/1/2', 'have the number of a database as its path'],
    ['redis://a:%E0%A4%A@host', 'have user and password in percent-encoding'],
    ['localhost:port', 'begin with "redis://"'],
    ['', 'be a URL such as'],
    [6379, 'be a URL such as'],
  ])('is not %s', (url, reason) => {
    expect(() => readRedisUrl(url)).toThrow(TypeError);
    expect(() => readRedisUrl(url)).toThrow(reason);
  });
});
