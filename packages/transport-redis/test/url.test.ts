import { describe, expect, it } from 'vitest';
import { fromUrl } from '../src/index.ts';
import { message, quiet } from './support/messages.ts';
import { clientOf, received } from './support/redis.ts';
import { HAS_SHARED, SHARED_URL, uniquePrefix } from './support/shared.ts';
import { statuses } from './support/transport.ts';

const prefix = uniquePrefix();

describe('a transport by URL', () => {
  it.skipIf(!HAS_SHARED)('publishes', async () => {
    const transport = fromUrl(`${SHARED_URL}?prefix=${encodeURIComponent(prefix)}&stream=all&maxLength=1000`);
    expect(statuses(await transport.publish([message({ topic: 'a' })], quiet()))).toEqual(['accepted']);
    await transport.close();
    expect(await received(clientOf(SHARED_URL), `${prefix}all`)).toMatchObject([{ topic: 'a' }]);
  });

  it.each([
    'redis://localhost',
    'rediss://user:pw@localhost:6380/3?prefix=',
    'redis://localhost?cluster=true&commandTimeoutMs=100',
    'redis://localhost/2?sentinel=mymaster&maxPayloadBytes=1000',
  ])('is made of %s', async (url) => {
    const transport = fromUrl(url);
    expect(transport).toMatchObject({ name: 'redis', spec: 1 });
    await transport.close();
  });

  it('has the limits of its options', async () => {
    const transport = fromUrl('redis://localhost?maxPayloadBytes=1000');
    expect(transport.capabilities.limits.maxPayloadBytes).toBe(1000);
    await transport.close();
  });

  it('takes options beside the URL, each once', async () => {
    const transport = fromUrl('redis://localhost', { maxPayloadBytes: '1000' });
    expect(transport.capabilities.limits.maxPayloadBytes).toBe(1000);
    await transport.close();
    expect(() => fromUrl('redis://localhost?prefix=a', { prefix: 'b' })).toThrow('is given twice');
  });

  it.each<[string, string]>([
    ['localhost', 'Expected a Redis URL such as'],
    ['http://localhost', 'must begin with "redis://" or "rediss://"'],
    ['redis://h?maxLenght=1', 'A Redis URL takes the options prefix, stream, sentinel, cluster, maxLength'],
    ['redis://h?maxLength=many', 'The option "maxLength" in a Redis URL must be a whole number.'],
    ['redis://h?maxLength=-1', 'The option "maxLength" in a Redis URL must be a whole number.'],
    ['redis://h?maxLength=0', 'option "maxLength" must be a whole number from 1'],
    ['redis://h?prefix=a&prefix=b', 'The option "prefix" is given twice'],
    ['redis://h?cluster=yes', 'The option "cluster" in a Redis URL must be "true".'],
    ['redis://h/1?cluster=true', 'A Redis Cluster has no databases besides 0'],
    ['redis://h?cluster=true&sentinel=m', 'takes "cluster" or "sentinel"; got both'],
    ['redis://h?sentinel=', 'option "name" must be a text that is not empty'],
  ])('is not made of %s', (url, reason) => {
    expect(() => fromUrl(url)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) as string }),
    );
  });

  it.each(['redis://u:s3cret@h:x', 'http://u:s3cret@h', 'redis://u:s3cret@h?x=1', 'redis://u:s3cret@h/db'])(
    'never shows the password of %s',
    (url) => {
      const shown = (): unknown => {
        try {
          return fromUrl(url);
        } catch (error) {
          return String((error as Error).stack).replaceAll(url, '');
        }
      };
      expect(shown()).not.toContain('s3cret');
    },
  );
});
