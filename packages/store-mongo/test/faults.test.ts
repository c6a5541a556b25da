import { createRelay } from '@outrelay/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Ledger } from './support/ledger.ts';
import { findTestServer } from './support/server.ts';
import { openShop, type Shop, stored } from './support/shop.ts';

const server = await findTestServer();
afterAll(() => server?.proxy.close());

const APP = 'outrelay faults';
/** Commands that a producer or a relay sends. */
const COMMANDS = [
  'find',
  'aggregate',
  'insert',
  'update',
  'delete',
  'findAndModify',
  'commitTransaction',
  'abortTransaction',
] as const;
/** What happens to them; labels are those that MongoDB adds. */
const FAULTS = {
  NotWritablePrimary: {
    errorCode: 10_107,
    errorLabels: ['RetryableWriteError', 'TransientTransactionError'],
  },
  InterruptedDueToReplStateChange: {
    errorCode: 11_602,
    errorLabels: ['RetryableWriteError', 'TransientTransactionError'],
  },
  'a lost connection': { closeConnection: true },
};

describe.skipIf(server === null)('faults', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop(server?.url ?? '', APP);
  });

  afterEach(async () => {
    await fail({ mode: 'off' });
  });
  afterAll(() => shop.remove());

  /** Sets the fail point; answers with how often the one before was met. */
  async function fail({ mode, data }: { mode: unknown; data?: object }): Promise<number> {
    const clients = data && { data: { appName: APP, ...data } };
    const { count } = await shop.client
      .db('admin')
      .command({ configureFailPoint: 'failCommand', mode, ...clients });
    return Number(count);
  }

  /** Writes an order and its messages as an application does: withTransaction runs it again where it may. */
  async function place(ids: readonly string[], key: string): Promise<void> {
    await shop.client.withSession((session) =>
      session.withTransaction(async () => {
        await shop.client.db(shop.database).collection('orders').insertOne({ key }, { session });
        await shop.outbox.append(
          session,
          ids.map((id) => ({ id, topic: 'orders', key, payload: id })),
        );
      }),
    );
  }

  /** Drains, and again where an outage ended it. */
  async function drain(ledger: Ledger): Promise<void> {
    for (let tries = 0; ; tries++) {
      const relay = createRelay({
        store: shop.store,
        transport: ledger,
        leaseMs: 2_000,
        batch: { messages: 5 },
      });
      try {
        if ((await relay.drain()).ended === 'drained') return;
      } catch (error) {
        if (tries === 20) throw error;
      }
    }
  }

  const cases = Object.entries(FAULTS).flatMap(([name, data]) =>
    COMMANDS.map((command) => ({ name, command, data })),
  );

  it.each(cases)('$name in $command: nothing is lost, and order is kept', async ({ command, data }) => {
    const ids = Array.from({ length: 12 }, (_, at) => `${command}-${at}`);
    const before = await shop.orders();
    await fail({ mode: { times: 2 }, data: { failCommands: [command], ...data } });
    // What a driver does not run again by itself, such as a lost session, an application does.
    await retrying(() => place(ids.slice(0, 6), 'k'));
    await retrying(() => place(ids.slice(6), 'k'));
    let met = await fail({ mode: { times: 3 }, data: { failCommands: [command], ...data } });
    const ledger = new Ledger();
    await drain(ledger);
    expect(ledger.firstOf('k')).toEqual(ids);
    met += await fail({ mode: 'off' });
    // A transaction is aborted only where something else went wrong.
    expect(met).toBeGreaterThanOrEqual(command === 'abortTransaction' ? 0 : 1);
    expect(await retrying(() => shop.orders())).toBe(before + 2);
  });

  it('8 writers on one key, each locking it first: all are delivered, in the order of their commits', async () => {
    const accounts = shop.client.db(shop.database).collection<{ _id: string; version: number }>('accounts');
    await accounts.insertOne({ _id: 'a', version: 0 });
    const write = (id: string): Promise<void> =>
      shop.client.withSession((session) =>
        session.withTransaction(async () => {
          const account = await accounts.findOneAndUpdate(
            { _id: 'a' },
            { $inc: { version: 1 } },
            { session, returnDocument: 'after' },
          );
          await shop.outbox.append(session, { id, topic: 'orders', key: 'a', payload: account?.version });
        }),
      );
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let at = 0; at < 5; at++) await write(`w${writer}-${at}`);
    });
    await Promise.all(writers);
    const ledger = new Ledger();
    await drain(ledger);
    const versions = ledger.arrived.map(({ payload }) => Number(payload));
    expect(versions).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
  }, 120_000);

  it('8 strict writers on one key, without any lock of their own', async () => {
    const committed: string[] = [];
    const write = (id: string): Promise<void> =>
      shop.client.withSession(async (session) => {
        const message = stored({ id, topic: 'strict', key: 's', payload: id, ordering: 'strict' });
        await session.withTransaction(async () => {
          await shop.store.append(session, [message], { autocommit: false });
        });
        committed.push(id);
      });
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let at = 0; at < 3; at++) await write(`s${writer}-${at}`);
      }),
    );
    const ledger = new Ledger();
    await drain(ledger);
    expect([...ledger.firstOf('s')].toSorted()).toEqual([...committed].toSorted());
    for (let writer = 0; writer < 8; writer++) {
      const own = ledger.firstOf('s').filter((id) => id.startsWith(`s${writer}-`));
      expect(own).toEqual(own.toSorted());
    }
  }, 120_000);
});

/** Runs something again until it succeeds, as long as what it meets passes. */
async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}
