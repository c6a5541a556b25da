import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import Database from 'better-sqlite3';
import { openDatabase } from './support/drivers.ts';
import { fill, numbered, openShop } from './support/shop.ts';
import { ALL_TOPICS } from '@outrelay/core';

const CLAIM = { token: 'a'.repeat(32), relay: 'r', leaseMs: 10_000, topics: ALL_TOPICS };

describe('a lock that another connection holds', () => {
  it('does not stop the event loop, and the call goes on once it is free', async () => {
    const shop = await openShop();
    fill(shop, 1, 1);
    const other = openDatabase(Database, shop.file);
    other.exec('BEGIN IMMEDIATE');
    let turns = 0;
    const claimed = shop.store.claim(CLAIM);
    // As an application does: the transaction that holds the lock needs the event loop to end.
    while (turns < 50) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    other.exec('COMMIT');
    other.close();
    expect(await claimed).toMatchObject({ token: CLAIM.token });
  });

  it('fails as a conflict that can be tried again when it lasts', async () => {
    const shop = await openShop();
    fill(shop, 1, 1);
    const store = sqliteStore({ file: shop.file, driver: Database, lockTimeoutMs: 0 });
    shop.db.exec('BEGIN IMMEDIATE');
    await expect(store.claim(CLAIM)).rejects.toMatchObject({ code: 'STORE_CONFLICT', retryable: true });
    shop.db.exec('ROLLBACK');
    expect(await store.claim(CLAIM)).not.toBeNull();
    await store.close();
  });

  it('reaches the caller untouched from an append, whose transaction is the caller to repeat', async () => {
    const shop = await openShop();
    const other = openDatabase(Database, shop.file);
    other.exec('BEGIN');
    other.prepare('SELECT count(*) FROM outbox_messages').get();
    fill(shop, 1, 1);
    // The snapshot of this transaction is older than the last commit, so it can never write.
    expect(() => shop.store.append(other, [numbered(2, 1)], { autocommit: false })).toThrow(
      expect.objectContaining({ code: 'SQLITE_BUSY_SNAPSHOT' }),
    );
    other.exec('ROLLBACK');
    other.close();
  });
});
