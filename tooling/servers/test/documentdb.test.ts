import { type ClientSession, MongoClient, type MongoServerError } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findDocumentdb } from '../src/documentdb/documentdb-postgres.ts';
import { type DocumentdbServer, note, startDocumentdb } from '../src/index.ts';
import { mongodb } from '../src/kinds/mongodb.ts';
import { fromListening } from '../src/rungs/listening.ts';

const missing = findDocumentdb() === null;
if (missing) note({ kind: 'skip', reason: 'no Debian root with DocumentDB' });

interface Item {
  _id: number;
  value?: number;
}

describe.skipIf(missing)('DocumentDB behind the bridge, through the official driver', () => {
  let server: DocumentdbServer;
  let client: MongoClient;
  let round = 0;

  beforeAll(async () => {
    server = await startDocumentdb();
    note({ kind: 'server', server: 'DocumentDB', version: server.version });
    client = new MongoClient(server.url, { appName: 'bridge test' });
  }, 120_000);

  afterAll(async () => {
    await client.close();
    await server.remove();
  });

  const items = (): ReturnType<typeof collectionOf> => collectionOf(round);
  const collectionOf = (number: number) => client.db('bridge').collection<Item>(`items_${number}`);

  beforeEach(async () => {
    round++;
    await client.db('bridge').createCollection(`items_${round}`);
  });

  /** The error of a call that must fail. */
  async function failure(call: Promise<unknown>): Promise<MongoServerError> {
    return call.then(
      () => Promise.reject(new Error('the call succeeded')),
      (error: unknown) => error as MongoServerError,
    );
  }

  async function inSession<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    return client.withSession(work);
  }

  it('is a primary to the driver, and to the ladder what it is', async () => {
    const hello = await client.db('admin').command({ hello: 1 });
    expect(hello).toMatchObject({ isWritablePrimary: true, setName: 'documentdb' });
    expect(await fromListening({ ...mongodb, localUrls: [server.url] })).toMatchObject({
      version: expect.stringMatching(/^DocumentDB 1\.\S+ behind a bridge$/) as string,
    });
  });

  it('writes and reads all types of values as they are', async () => {
    const value = {
      text: 'Ω 🦊 \0',
      bytes: new Uint8Array([0, 255]),
      date: new Date(1),
      large: 2 ** 53 - 1,
      nothing: null,
      list: [{ 'a.b': 1, $c: 2 }],
    };
    const anything = client.db('bridge').collection(`items_${round}`);
    await anything.insertOne({ value });
    const found = await anything.findOne({}, { promoteBuffers: true });
    expect(found?.['value']).toEqual({ ...value, bytes: Buffer.from(value.bytes) });
  });

  it('inserts, updates, replaces, finds and deletes, one by one and in batches', async () => {
    await items().insertMany(Array.from({ length: 10 }, (_, at) => ({ _id: at, value: at })));
    const { modifiedCount } = await items().updateMany({ _id: { $lt: 5 } }, [
      { $set: { value: { $add: ['$value', 100] }, now: '$$NOW' } },
    ]);
    expect(modifiedCount).toBe(5);
    const result = await items().bulkWrite([
      { insertOne: { document: { _id: 20 } } },
      { updateOne: { filter: { _id: 21 }, update: { $setOnInsert: { value: 9 } }, upsert: true } },
      { replaceOne: { filter: { _id: 0 }, replacement: { value: -1 } } },
      { deleteOne: { filter: { _id: 9 } } },
    ]);
    expect([result.insertedCount, result.upsertedCount, result.modifiedCount, result.deletedCount]).toEqual([
      1, 1, 1, 1,
    ]);
    const before = await items().findOneAndUpdate({ _id: 20 }, { $inc: { value: 3 } });
    const after = await items().findOneAndUpdate(
      { _id: 20 },
      { $inc: { value: 3 } },
      { returnDocument: 'after' },
    );
    expect([before?.value, after?.value]).toEqual([undefined, 6]);
    expect(await items().distinct('value', { _id: { $gte: 5, $lt: 9 } })).toEqual([5, 6, 7, 8]);
    expect(await items().countDocuments()).toBe(11);
    expect((await items().deleteMany({ _id: { $gte: 20 } })).deletedCount).toBe(2);
  });

  it('counts up in one document for many at once', async () => {
    await items().insertOne({ _id: 1, value: 0 });
    const draw = async (): Promise<unknown> =>
      (await items().findOneAndUpdate({ _id: 1 }, { $inc: { value: 1 } }, { returnDocument: 'after' }))
        ?.value;
    const drawn = await Promise.all(Array.from({ length: 40 }, draw));
    expect(new Set(drawn).size).toBe(40);
    expect((await items().findOne())?.value).toBe(40);
  });

  it.each([
    ['by position', { value: 1 }],
    ['in no order', {}],
  ] as const)('pages through cursors %s, inside and outside of transactions', async (_, sort) => {
    await items().insertMany(Array.from({ length: 350 }, (_item, at) => ({ _id: at, value: -at })));
    const page = (session?: ClientSession): Promise<Item[]> =>
      items()
        .find({}, { sort, batchSize: 40, ...(session && { session }) })
        .toArray();
    expect(await page()).toHaveLength(350);
    await inSession((session) =>
      session.withTransaction(async () => {
        expect(await page(session)).toHaveLength(350);
      }),
    );
    const cursor = items().find({}, { batchSize: 10 });
    expect(await cursor.next()).not.toBeNull();
    await cursor.close();
    expect(await items().find().limit(1).toArray()).toHaveLength(1);
  });

  it('aggregates', async () => {
    await items().insertMany([1, 2, 3, 4].map((_id) => ({ _id, value: _id % 2 })));
    const groups = await items()
      .aggregate([{ $group: { _id: '$value', sum: { $sum: '$_id' } } }, { $sort: { _id: 1 } }])
      .toArray();
    expect(groups).toEqual([
      { _id: 0, sum: 6 },
      { _id: 1, sum: 4 },
    ]);
  });

  it('makes, lists and drops indexes, collections and databases', async () => {
    const database = client.db('bridge_other');
    await database.createCollection('one');
    await database.collection('one').createIndexes([
      { key: { a: 1, b: 1 }, name: 'pair' },
      { key: { c: 1 }, name: 'single', unique: true },
    ]);
    const names = async (): Promise<string[]> =>
      (await database.collection('one').indexes()).map(({ name }) => name as string);
    expect(await names()).toEqual(['_id_', 'pair', 'single']);
    await database.collection('one').dropIndex('pair');
    expect(await names()).toEqual(['_id_', 'single']);
    expect(await database.dropCollection('one')).toBe(true);
    await database.dropDatabase();
    expect(await database.listCollections().toArray()).toEqual([]);
  });

  it('reports a key that is there already as 11000', async () => {
    await items().insertOne({ _id: 1 });
    expect((await failure(items().insertOne({ _id: 1 }))).code).toBe(11_000);
    expect(
      await items()
        .insertMany([{ _id: 2 }, { _id: 1 }, { _id: 3 }], { ordered: false })
        .catch((e) => e.code),
    ).toBe(11_000);
    expect(await items().countDocuments()).toBe(3);
  });

  it('says that it knows neither users nor change streams nor commands that nobody needs', async () => {
    const { code } = await failure(client.db('bridge').command({ replSetGetStatus: 1 }));
    expect(code).toBe(59);
    const stream = client.db('bridge').watch();
    await expect(stream.tryNext()).rejects.toThrow(/change/i);
    await stream.close();
    const user = new MongoClient(server.url.replace('//', '//somebody:secret@'), {
      serverSelectionTimeoutMS: 2_000,
    });
    await expect(user.db('bridge').command({ ping: 1 })).rejects.toThrow('knows no users');
    await user.close();
  });
});
