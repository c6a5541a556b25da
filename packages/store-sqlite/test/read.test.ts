import { ALL_TOPICS } from '@outrelay/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import { openShop } from './support/shop.ts';

describe('a read', () => {
  it('yields payloads above their share of the bytes when all of them fit together', async () => {
    const shop = await openShop();
    const payloads = ['x'.repeat(900), null, new Uint8Array(700), '', 'y'.repeat(100)];
    const insert = shop.db.prepare('INSERT INTO outbox_messages (topic, payload) VALUES (?, ?)');
    for (const payload of payloads) insert.run('any', payload);
    const store = sqliteStore({ file: shop.file });
    onTestFinished(() => store.close());
    const topics = ALL_TOPICS;
    const lease = await store.claim({ token: 'a'.repeat(32), relay: 'r', leaseMs: 10_000, topics });
    if (lease === null) throw new Error('Nothing was claimed.');
    const read = await store.read(lease, { messages: 10, bytes: 1_700, topics });
    expect(read.map(({ payload }) => payload)).toEqual(payloads);
  });
});
