import { type ClientSession, MongoClient, type MongoServerError } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findDocumentdb } from '../src/documentdb/documentdb-postgres.ts';
import { type DocumentdbServer, startDocumentdb } from '../src/index.ts';
import { until } from '../src/system/until.ts';

interface Item {
  _id: number;
  value: number;
}

const TRANSIENT = 'TransientTransactionError';

describe.skipIf(findDocumentdb() === null)('transactions on DocumentDB behind the bridge', () => {
  let server: DocumentdbServer;
  let client: MongoClient;
  let round = 0;
  const sessions: ClientSession[] = [];
  const items = () => client.db('transactions').collection<Item>(`items_${round}`);

  beforeAll(async () => {
    server = await startDocumentdb({ fillTimestamps: true });
    client = new MongoClient(server.url, { appName: 'transactions' });
  }, 120_000);

  afterAll(async () => {
    await client.close();
    await server.remove();
  });

  beforeEach(async () => {
    round++;
    await client.db('transactions').createCollection(`items_${round}`);
    await items().insertMany([
      { _id: 1, value: 1 },
      { _id: 2, value: 2 },
    ]);
  });

  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.endSession();
    await failNext({ mode: 'off' });
  });

  function begin(): ClientSession {
    const session = client.startSession();
    sessions.push(session);
    session.startTransaction();
    return session;
  }

  const add = (session: ClientSession, _id = 1): Promise<unknown> =>
    items().updateOne({ _id }, { $inc: { value: 10 } }, { session });
  const valueOf = async (_id = 1, session?: ClientSession): Promise<number | undefined> =>
    (await items().findOne({ _id }, session && { session }))?.value;

  async function failure(call: Promise<unknown>): Promise<MongoServerError> {
    return call.then(
      () => Promise.reject(new Error('the call succeeded')),
      (error: unknown) => error as MongoServerError,
    );
  }

  const failNext = (point: object): Promise<unknown> =>
    client.db('admin').command({ configureFailPoint: 'failCommand', ...point });

  it('commits, and shows nothing to others before', async () => {
    const session = begin();
    await add(session);
    expect([await valueOf(1, session), await valueOf()]).toEqual([11, 1]);
    await session.commitTransaction();
    expect(await valueOf()).toBe(11);
  });

  it('rolls back on abort, when its session ends, and when the next one begins', async () => {
    const aborted = begin();
    await add(aborted);
    await aborted.abortTransaction();
    const ended = begin();
    await add(ended);
    await ended.endSession();
    await until('the lock to be free', async () => {
      const session = begin();
      await add(session);
      await session.abortTransaction();
    });
    expect(await valueOf()).toBe(1);
  });

  it('sees one snapshot', async () => {
    const session = begin();
    expect(await valueOf(2, session)).toBe(2);
    await items().updateOne({ _id: 2 }, { $set: { value: 3 } });
    expect(await valueOf(2, session)).toBe(2);
  });

  it.each([
    ['while the other is open', false],
    ['after the other has committed', true],
  ])('refuses the second of two that write one document, %s', async (_, commitsBefore) => {
    const [one, two] = [begin(), begin()];
    await valueOf(2, two);
    await add(one);
    if (commitsBefore) await one.commitTransaction();
    const error = await failure(add(two));
    expect([error.code, error.hasErrorLabel(TRANSIENT)]).toEqual([112, true]);
    const after = await failure(two.commitTransaction());
    expect([after.code, after.hasErrorLabel(TRANSIENT)]).toEqual([251, true]);
    if (!commitsBefore) await one.commitTransaction();
    expect(await valueOf()).toBe(11);
  });

  it('lets withTransaction settle conflicts, without losing an update', async () => {
    await Promise.all(
      Array.from({ length: 8 }, () =>
        client.withSession((session) => session.withTransaction(() => add(session))),
      ),
    );
    expect(await valueOf()).toBe(81);
  });

  it('calls a key that the transaction can see a duplicate, and one that it cannot a conflict', async () => {
    const session = begin();
    expect((await failure(items().insertOne({ _id: 1, value: 0 }, { session }))).code).toBe(11_000);
    const late = begin();
    await valueOf(1, late);
    await items().insertOne({ _id: 9, value: 0 });
    const error = await failure(items().insertOne({ _id: 9, value: 0 }, { session: late }));
    expect([error.code, error.hasErrorLabel(TRANSIENT)]).toEqual([112, true]);
    const upsert = begin();
    await valueOf(1, upsert);
    await items().insertOne({ _id: 10, value: 0 });
    const update = items().updateOne({ _id: 10 }, { $set: { value: 1 } }, { session: upsert, upsert: true });
    expect((await failure(update)).code).toBe(112);
  });

  it('answers a repeated commit by what happened, after it was killed too', async () => {
    const session = begin();
    await add(session);
    await session.commitTransaction();
    await session.commitTransaction();
    expect(await valueOf()).toBe(11);
    await server.kill();
    await server.start();
    await session.commitTransaction();
    expect(await valueOf()).toBe(11);
  }, 60_000);

  it('does a write once that the driver sends twice', async () => {
    await failNext({ mode: { times: 1 }, data: { failCommands: ['update'], closeConnection: true } });
    await items().updateOne({ _id: 1 }, { $inc: { value: 10 } });
    expect(await valueOf()).toBe(11);
  });

  it('fails commands as it is told: so often, by name, for one application, by code', async () => {
    const data = { failCommands: ['insert'], errorCode: 10_107, errorLabels: ['RetryableWriteError'] };
    await failNext({ mode: { times: 2 }, data });
    const error = await failure(items().insertOne({ _id: 5, value: 5 }));
    expect(error.code).toBe(10_107);
    await failNext({ mode: 'alwaysOn', data: { ...data, appName: 'somebody else' } });
    await items().insertOne({ _id: 5, value: 5 });
    expect(await valueOf(5)).toBe(5);
  });

  it('fills empty timestamps of the first level when it is asked to, later ones greater', async () => {
    const { Timestamp } = await import('mongodb');
    const collection = client.db('transactions').collection(`items_${round}`);
    const empty = (): InstanceType<typeof Timestamp> => new Timestamp({ t: 0, i: 0 });
    await collection.insertMany([{ stamp: empty() }, { stamp: empty() }]);
    await collection.insertOne({ stamp: empty(), inside: { stamp: empty() } });
    const rows = await collection.find({ stamp: { $exists: true } }, { sort: { stamp: 1 } }).toArray();
    const stamps = rows.map((row) => (row['stamp'] as InstanceType<typeof Timestamp>).toBigInt());
    expect(stamps).toEqual([...new Set(stamps)].toSorted((a, b) => (a < b ? -1 : 1)));
    expect(stamps.every((stamp) => stamp > 0n)).toBe(true);
    expect(rows[2]).toMatchObject({ inside: { stamp: empty() } });
  });

  it('poses as a standalone server when it is told to', async () => {
    const standalone = await startDocumentdb({ role: 'standalone' });
    const other = new MongoClient(standalone.url);
    try {
      expect((await other.db('admin').command({ hello: 1 }))['setName']).toBeUndefined();
      const write = other.withSession((session) =>
        session.withTransaction(() => other.db('x').collection('y').insertOne({}, { session })),
      );
      await expect(write).rejects.toThrow('does not support');
    } finally {
      await other.close();
      await standalone.remove();
    }
  }, 120_000);
});
