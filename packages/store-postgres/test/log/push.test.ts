import { type PostgresSettings, type ServerInstance, startPostgres, until } from '@outrelay/servers';
import { afterAll, describe, expect, it } from 'vitest';
import { PushedShop } from '../support/pushed-shop.ts';

const server: ServerInstance<PostgresSettings> = await startPostgres({
  settings: { wal_level: 'logical', max_slot_wal_keep_size: '1GB' },
});
afterAll(() => server.remove());

/** Ends the connections that read a slot, as a network would. */
async function cut({ pool }: PushedShop): Promise<number> {
  const { rows } = await pool.query(
    'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active AND database = current_database()',
  );
  return rows.length;
}

describe('a pushed relay', () => {
  it('delivers what the log tells of, and lets the server forget it', async () => {
    const shop = await PushedShop.open(server);
    await shop.append(50);
    shop.relay();
    await shop.followed();
    await shop.drained();
    const before = (await shop.store.log?.status())?.confirmed ?? 0n;
    for (let round = 0; round < 20; round++) await shop.append(5);
    await shop.drained();
    expect(shop.disorder()).toEqual([]);
    expect(shop.broker.received).toHaveLength(shop.appended);
    await until('the position moves on', async () => {
      expect((await shop.store.log?.status())?.confirmed).toBeGreaterThan(before);
    });
  });

  it('keeps the order of a key whose messages fail, and lets the others flow', async () => {
    const shop = await PushedShop.open(server);
    const tried = new Map<string, number>();
    shop.broker.outcome = ({ id, payload }) => {
      const attempts = (tried.get(id) ?? 0) + 1;
      tried.set(id, attempts);
      return Number(payload) % 7 === 3 && attempts < 3
        ? { status: 'failed', error: new Error('as told') }
        : { status: 'accepted' };
    };
    shop.relay();
    await shop.followed();
    for (let round = 0; round < 40; round++) await shop.append(5);
    await shop.drained();
    expect(shop.disorder()).toEqual([]);
  });

  it('delivers scheduled and redriven messages, which no log tells of', async () => {
    const shop = await PushedShop.open(server);
    shop.broker.outcome = ({ payload }) =>
      payload === '0' ? { status: 'rejected', error: new Error('as told') } : { status: 'accepted' };
    shop.relay();
    await shop.followed();
    await shop.append(2);
    await until('one is dead', async () => {
      expect((await shop.store.recovery.list()).letters).toHaveLength(1);
    });
    shop.broker.outcome = () => ({ status: 'accepted' });
    expect(await shop.store.recovery.redrive({}, 10)).toBe(1);
    await shop.drained();
    expect(shop.broker.received).toHaveLength(2);
  });

  it('takes a huge transaction in small parts', async () => {
    const shop = await PushedShop.open(server);
    shop.relay({ windowMessages: 100 });
    await shop.followed();
    await shop.append(20_000, 100);
    await shop.drained();
    expect(shop.disorder()).toEqual([]);
  });

  it('connects again when the connection is cut, and repeats nothing that is settled', async () => {
    const shop = await PushedShop.open(server);
    const { events } = shop.relay();
    await shop.followed();
    let cuts = 0;
    for (let round = 0; round < 30; round++) {
      await shop.append(5);
      if (round % 10 === 5) cuts += await cut(shop);
    }
    await shop.drained();
    expect(shop.disorder()).toEqual([]);
    expect(shop.broker.received).toHaveLength(shop.appended);
    expect(cuts).toBeGreaterThan(0);
    expect(events.map(({ type }) => type)).toContain('wakeups-lost');
    await until('it follows again', () =>
      expect(events.map(({ type }) => type)).toContain('wakeups-restored'),
    );
  });

  it('has a standby that goes on when it ends', async () => {
    const shop = await PushedShop.open(server);
    const first = shop.relay();
    await shop.followed();
    const second = shop.relay();
    await shop.append(100);
    await shop.drained();
    expect(second.events.map(({ type }) => type)).not.toContain('lease-granted');
    await first.stop();
    await shop.append(100);
    await shop.drained();
    expect(shop.disorder()).toEqual([]);
    expect(second.events.map(({ type }) => type)).toContain('lease-granted');
  });

  it('gives way to a polling relay and back, losing nothing', async () => {
    const shop = await PushedShop.open(server);
    for (let round = 0; round < 4; round++) {
      const { stop } = shop.relay({ pushed: round % 2 === 0 });
      for (let at = 0; at < 10; at++) await shop.append(5);
      await stop();
    }
    shop.relay();
    await shop.drained();
    expect(shop.disorder()).toEqual([]);
  });

  it('polls while the slot is gone, and follows a new one', async () => {
    const shop = await PushedShop.open(server);
    const { events } = shop.relay();
    await shop.followed();
    await shop.append(20);
    await until('the slot is dropped', async () => {
      await cut(shop);
      await shop.store.log?.drop();
    });
    await shop.append(20);
    await shop.drained();
    expect(events.some(({ type }) => type === 'wakeups-lost')).toBe(true);
    await shop.store.log?.create();
    await shop.followed();
    await shop.append(20);
    await shop.drained();
    expect(shop.disorder()).toEqual([]);
  });
});
