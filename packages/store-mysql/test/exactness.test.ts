import { ALL_TOPICS, type ClaimedMessage, createOutbox } from '@outrelay/core';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MysqlStore, mysqlStore } from '../src/index.ts';
import { tablesOf } from '../src/tables.ts';
import { Place } from './support/place.ts';
import { SERVERS } from './support/servers.ts';

/** Texts that mean something to some parser, or that some character set lacks. */
const TEXTS = [
  'it\'s "quoted" `so` \\\' \\',
  '? ?? :name $1 %s -- /* */ # ;',
  'Zoë 日本語 😀 \u{10ffff}',
  ' a ',
  'line\r\nline\ttab',
];

/** How connections of applications differ. */
const CONNECTIONS: readonly (readonly [name: string, options: ConnectionOptions, statements: string[]])[] = [
  ['as it comes', {}, []],
  ['with the character set latin1', { charset: 'latin1' }, []],
  ['with sql_mode ANSI_QUOTES', {}, ["SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'"]],
  ['with sql_mode NO_BACKSLASH_ESCAPES', {}, ["SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'"]],
  ['without any sql_mode', {}, ["SET SESSION sql_mode = ''"]],
  ['with PIPES_AS_CONCAT and IGNORE_SPACE', {}, ["SET SESSION sql_mode = 'PIPES_AS_CONCAT,IGNORE_SPACE'"]],
  ['in the time zone +13:00', { timezone: '+13:00' }, ["SET SESSION time_zone = '+13:00'"]],
  ['in the time zone -11:00', { dateStrings: true }, ["SET SESSION time_zone = '-11:00'"]],
  [
    'of a cluster with several writers',
    {},
    ['SET SESSION auto_increment_increment = 7, auto_increment_offset = 3'],
  ],
  ['with placeholders by name', { namedPlaceholders: true }, []],
  ['with rows as arrays', { rowsAsArray: true }, []],
];

describe.each(SERVERS)('on $name', (server) => {
  let place: Place;
  let store: MysqlStore;

  beforeAll(async () => {
    place = await Place.make(server);
    await place.install();
    store = mysqlStore({ connection: place.connection });
  });

  beforeEach(() => place.empty());

  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  async function connect(options: ConnectionOptions, statements: readonly string[]): Promise<Connection> {
    const connection = await createConnection({ ...place.connection, ...options });
    for (const statement of statements) await connection.query(statement);
    return connection;
  }

  async function everything(): Promise<readonly ClaimedMessage[]> {
    const token = 'a'.repeat(32);
    const lease = await store.claim({ token, relay: 'test', leaseMs: 10_000, topics: ALL_TOPICS });
    if (lease === null) return [];
    const messages = await store.read(lease, { messages: 1_000, bytes: 1e9, topics: ALL_TOPICS });
    await store.release(token);
    return messages;
  }

  describe.each(CONNECTIONS)('a connection %s', (_name, options, statements) => {
    it('stores texts, bytes and times exactly', async () => {
      const connection = await connect(options, statements);
      const before = Date.now();
      await connection.beginTransaction();
      const plain = TEXTS.map((text, at) => ({
        id: `${at} ${text}`,
        topic: 'exact',
        key: text,
        headers: { name: text, [text]: '' },
        payload: text,
        contentType: 'text/plain',
      }));
      const outbox = createOutbox({ store });
      const messages = [
        ...plain,
        { id: 'bytes', topic: 'exact', payload: Uint8Array.from([0, 255, 39, 92, 10]), contentType: 'x/y' },
        { id: 'big', topic: 'exact', payload: '{"n":9007199254740993}', contentType: 'text/plain' },
        { id: 'empty', topic: 'exact', payload: '', contentType: 'text/plain' },
      ];
      await outbox.append(connection, messages);
      await connection.commit();
      await connection.end();
      const yielded = await everything();
      expect(yielded.map(({ id, key, payload }) => ({ id, key, payload }))).toEqual(
        messages.map((message) => ({
          id: message.id,
          key: 'key' in message ? message.key : null,
          payload: message.payload,
        })),
      );
      expect(yielded.slice(0, TEXTS.length).map(({ headers }) => headers)).toEqual(
        plain.map(({ headers }) => headers),
      );
      const now = Date.now();
      // The server is on this machine, or its clock is a second off at most.
      for (const { createdAt } of yielded) {
        expect(createdAt.getTime()).toBeGreaterThan(before - 1_000);
        expect(createdAt.getTime()).toBeLessThan(now + 1_000);
      }
    });

    it('schedules for the time that was meant, to the millisecond', async () => {
      const connection = await connect(options, statements);
      await connection.beginTransaction();
      const availableAt = new Date('2099-03-04T05:06:07.089Z');
      await createOutbox({ store }).append(connection, { id: 'later', topic: 'exact', availableAt });
      await connection.commit();
      await connection.end();
      const [trace] = await store.inspection.find('later');
      expect(trace).toMatchObject({ state: 'waiting', at: availableAt });
    });

    it('refuses to append outside of a transaction', async () => {
      const connection = await connect(options, statements);
      const outbox = createOutbox({ store });
      for (const messages of [[{ topic: 'exact' }], [{ topic: 'exact' }, { topic: 'exact' }]]) {
        await expect(outbox.append(connection, messages)).rejects.toMatchObject({
          code: 'TRANSACTION_REQUIRED',
        });
      }
      await connection.end();
      expect(await everything()).toEqual([]);
    });
  });

  it('takes an append without BEGIN where autocommit is off, since that is a transaction', async () => {
    const connection = await connect({}, ['SET SESSION autocommit = 0']);
    // MySQL begins it with the first statement on a table.
    await connection.query(`SELECT * FROM \`${place.database}\`.app_keys`);
    await createOutbox({ store }).append(connection, { id: 'implicit', topic: 'exact' });
    expect(await everything()).toEqual([]);
    await connection.commit();
    await connection.end();
    expect((await everything()).map(({ id }) => id)).toEqual(['implicit']);
  });

  it('keeps JSON readable in the console, and bytes in a column of their own', async () => {
    const connection = await connect({}, []);
    await connection.beginTransaction();
    await createOutbox({ store }).append(connection, [
      { id: 'json', topic: 'exact', payload: { total: 12.5, name: 'Zoë' } },
      { id: 'bytes', topic: 'exact', payload: Uint8Array.from([1]), contentType: 'x/y' },
    ]);
    await connection.commit();
    await connection.end();
    const { messages } = tablesOf(place.database, '');
    expect(await place.rows(`SELECT payload, payload_bytes FROM ${messages} ORDER BY position`)).toEqual([
      { payload: '{"total":12.5,"name":"Zoë"}', payload_bytes: null },
      { payload: null, payload_bytes: Buffer.from([1]) },
    ]);
  });

  it('fills in what a plain INSERT leaves out, and refuses what no relay could use', async () => {
    const { messages } = tablesOf(place.database, '');
    await place.run(`INSERT INTO ${messages} (topic) VALUES ('a'), ('b')`);
    const rows = await place.rows(`SELECT id, partition_no, headers, content_type FROM ${messages}`);
    expect(new Set(rows.map(({ id }) => String(id))).size).toBe(2);
    for (const row of rows) {
      expect(row['partition_no']).toBeLessThan(64);
      expect(row).toMatchObject({ headers: '{}', content_type: 'application/json' });
    }
    await expect(place.run(`INSERT INTO ${messages} (topic) VALUES ('')`)).rejects.toThrow('topic_bytes');
    const both = `INSERT INTO ${messages} (topic, payload, payload_bytes) VALUES ('a', '{}', '{}')`;
    await expect(place.run(both)).rejects.toThrow('payload_once');
  });

  it('gives a producer what it needs with the right to INSERT alone', async () => {
    const user = `p_${place.database.slice(-12)}`;
    await place.run(
      `CREATE USER '${user}'@'%' IDENTIFIED BY 'secret'; GRANT INSERT ON \`${place.database}\`.outbox_messages TO '${user}'@'%'`,
    );
    try {
      const connection = await connect({ user, password: 'secret' }, []);
      await connection.beginTransaction();
      await createOutbox({ store }).append(connection, { id: 'granted', topic: 'exact' });
      await connection.commit();
      await connection.end();
      expect((await everything()).map(({ id }) => id)).toEqual(['granted']);
    } finally {
      await place.run(`DROP USER '${user}'@'%'`);
    }
  });
});
