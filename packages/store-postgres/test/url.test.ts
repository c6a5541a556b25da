import { describe, expect, it } from 'vitest';
import { fromUrl } from '../src/index.ts';

describe('fromUrl', () => {
  it.each([
    'postgres://localhost/shop',
    'postgresql://u:p@db:6543/shop?schema=events&prefix=a_&history=none',
  ])('creates the store of %s without connecting', async (url) => {
    const store = fromUrl(url);
    expect(store).toMatchObject({ name: 'postgres', wakeups: undefined });
    await store.close();
  });

  it('has wake-ups when they are asked for', async () => {
    const store = fromUrl('postgres://localhost/shop', { wakeups: 'doorbell' });
    expect(store.wakeups).toBeDefined();
    await store.close();
  });

  it.each<[url: string, options: Record<string, string>, reason: string]>([
    ['mysql://localhost/shop', {}, 'expected a URL such as'],
    ['postgres://localhost:port/shop', {}, 'expected a URL such as'],
    ['postgres://localhost/shop', { shema: 'a' }, 'it takes no option "shema"'],
    ['postgres://localhost/shop?prefix=a', { prefix: 'b' }, 'the option "prefix" is given twice'],
    ['postgres://localhost/shop?history=all', {}, 'option "history" must be one of'],
    [
      'postgres://localhost/shop?maxConnections=ten',
      {},
      'the option "maxConnections" must be a whole number',
    ],
    ['postgres://localhost/shop?schema=pg_catalog', {}, 'not beginning with "pg_"'],
  ])('refuses %s with %j', (url, options, reason) => {
    expect(() => fromUrl(url, options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) as string }),
    );
  });

  it('does not repeat a password', () => {
    expect(() => fromUrl('postgres://u:secret@local host/shop')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') as string }),
    );
  });
});
