import { describe, expect, it } from 'vitest';
import { capabilities, fromUrl, mysqlStore } from '../src/index.ts';
import { Place } from './support/place.ts';
import { SERVERS } from './support/servers.ts';

describe('fromUrl', () => {
  it.each(SERVERS)('reaches the database that a URL names on $name', async (server) => {
    const place = await Place.make(server);
    const { host, port, user, password, database } = place.connection;
    const login = `${encodeURIComponent(user)}${password === '' ? '' : `:${encodeURIComponent(password)}`}`;
    const scheme = server.name === 'MariaDB' ? 'mariadb' : 'mysql';
    const store = fromUrl(`${scheme}://${login}@${host}:${port}/${database}?prefix=u_`, { history: 'none' });
    expect(store).toMatchObject({ name: 'mysql', capabilities });
    await store.schema.apply();
    expect((await store.schema.status()).installed).toBe(1);
    const other = mysqlStore({ connection: place.connection });
    expect((await other.schema.status()).installed).toBe(0);
    await Promise.all([store.close(), other.close()]);
    await place.remove();
  });

  it.each([
    ['mysql://localhost', {}, 'needs the name of the database that holds the outbox'],
    ['postgres://db/shop', {}, 'must be a URL such as mysql://user:password@host:3306/shop'],
    ['mysql://u:100%@db/shop', {}, 'is not percent-encoded'],
    ['mysql://db/shop#x', {}, 'a "#" or a second "?" in it is percent-encoded'],
    ['mysql://db/shop?prefx=a', {}, 'it has no option "prefx", only prefix'],
    ['mysql://db/shop?constructor=a', {}, 'it has no option "constructor", only prefix'],
    ['mysql://db/shop?prefix=a', { prefix: 'b' }, 'the option "prefix" is given twice'],
    ['mysql://db/shop?history=all', {}, 'option "history" must be one of "summary", "full", "none"'],
    ['mysql://db/shop?lockTimeoutMs=5s', {}, 'the option "lockTimeoutMs" must be a whole number'],
    ['mysql://db/shop?ssl=yes', {}, 'the option "ssl" must be "true", or be left out'],
    ['mysql://db/shop?prefix=a-b', {}, 'must be 1 to 32 letters, digits or "_"'],
  ])('refuses %s with %j', (url, options: Record<string, string>, reason) => {
    expect(() => fromUrl(url, options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) as string }),
    );
  });

  it('keeps passwords to itself', () => {
    expect(() => fromUrl('mysql://shop:hunter2%@db/shop')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }),
    );
  });
});

describe('mysqlStore', () => {
  it.each([
    [{}, 'needs exactly one of the options "url", "connection" and "knex"; got 0'],
    [{ url: 'mysql://db/shop', connection: { database: 'shop' } }, 'got 2'],
    [{ connection: { host: 'db' } }, 'needs the name of the database'],
    [{ url: 'mysql://db/shop', colour: 1 }, 'has no option "colour"'],
    [{ knex: {} }, 'must be the root of knex with the driver "mysql2"'],
  ])('refuses %j', (options, reason) => {
    expect(() => mysqlStore(options as never)).toThrow(reason);
  });
});
