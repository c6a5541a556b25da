import { describe, expect, it } from 'vitest';
import { capabilities, fromUrl, mongoStore } from '../../src/index.ts';

describe('fromUrl', () => {
  it.each([
    'mongodb://127.0.0.1:1/shop',
    'mongodb://a,b:27018/shop?replicaSet=rs0&prefix=one_&history=none&historyRetentionMs=1000',
    'mongodb://user:p%40ss@127.0.0.1/shop?authSource=admin&directConnection=true',
  ])('takes %s, and connects to nothing yet', async (url) => {
    const store = fromUrl(url);
    expect(store).toMatchObject({ name: 'mongo', capabilities });
    await store.close();
  });

  it.each([
    ['mongodb:', {}, 'expected a URL such as mongodb://127.0.0.1/shop?replicaSet=rs0.'],
    ['postgres://db/shop', {}, 'expected a URL such as mongodb://127.0.0.1/shop'],
    ['mongodb://127.0.0.1', {}, 'the path must name the database, as in mongodb://127.0.0.1/shop.'],
    ['mongodb://127.0.0.1/?replicaSet=rs0', {}, 'the path must name the database'],
    ['mongodb://127.0.0.1/shop?replicaSett=rs0', {}, 'replicasett'],
    ['mongodb://127.0.0.1/a.b', {}, 'must be the name of a database'],
    ['mongodb://127.0.0.1/shop', { client: 'x' }, 'it has no option "client", only prefix, history'],
    ['mongodb://127.0.0.1/shop?prefix=a', { prefix: 'b' }, 'the option "prefix" is given twice.'],
    ['mongodb://127.0.0.1/shop?history=all', {}, 'option "history" must be one of "summary", "full", "none"'],
    ['mongodb://127.0.0.1/shop?historyRetentionMs=1d', {}, 'must be a whole number; got "1d".'],
    ['mongodb://127.0.0.1/shop?prefix=system', {}, 'which MongoDB keeps for itself'],
  ])('refuses %s with %j', (url, options: Record<string, string>, reason) => {
    expect(() => fromUrl(url, options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) as string }),
    );
  });

  it('puts no password into its errors', () => {
    expect(() => fromUrl('mongodb://user:secret@127.0.0.1')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') as string }),
    );
  });
});

describe('mongoStore', () => {
  it.each([
    [{}, 'option "client" must be a MongoClient of mongodb 6 or 7'],
    [{ client: 'mongodb://127.0.0.1' }, 'option "client" must be a MongoClient'],
    [{ client: { db: () => ({}), startSession: () => ({}) }, databse: 'x' }, 'has no option "databse"'],
  ])('refuses %j', (options, reason) => {
    expect(() => mongoStore(options as never)).toThrow(reason);
  });
});
