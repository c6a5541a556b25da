import { join } from 'node:path';
import type { NewMessage } from '@outrelay/core';
import { onTestFinished } from 'vitest';
import type { SqliteDatabase } from '../../src/client.ts';
import { type SqliteStore, sqliteStore } from '../../src/index.ts';
import Database from 'better-sqlite3';
import { openDatabase } from './drivers.ts';
import { scratchDirectory } from './scratch.ts';

/** A file with the tables of an outbox, the application's handle on it, and a store; all gone with the test. */
export interface Shop {
  readonly directory: string;
  readonly file: string;
  readonly db: SqliteDatabase;
  readonly store: SqliteStore;
}

/** Makes a {@link Shop}. */
export async function openShop(): Promise<Shop> {
  const directory = scratchDirectory();
  const { path } = directory;
  const file = join(path, 'shop.db');
  const store = sqliteStore({ file, driver: Database });
  await store.schema.apply();
  const db = openDatabase(Database, file);
  onTestFinished(async () => {
    db.close();
    await store.close();
    directory.remove();
  });
  return { directory: path, file, db, store };
}

/** A message whose payload is its number. */
export function numbered(number: number, keys: number): NewMessage {
  return {
    id: `message-${number}`,
    topic: 'numbered',
    key: `key-${number % keys}`,
    headers: {},
    payload: String(number),
    contentType: 'application/json',
    availableAt: null,
    ordering: 'key',
  };
}

/** Appends messages 0 to `count - 1` in one transaction. */
export function fill({ db, store }: Shop, count: number, keys: number): void {
  db.exec('BEGIN IMMEDIATE');
  for (let from = 0; from < count; from += 10_000) {
    const messages = Array.from({ length: Math.min(10_000, count - from) }, (_, at) =>
      numbered(from + at, keys),
    );
    store.append(db, messages, { autocommit: false });
  }
  db.exec('COMMIT');
}
