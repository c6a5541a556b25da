import { OutboxError } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { isBusy, storeFailure } from '../src/errors.ts';

/** Errors as better-sqlite3 (a name) and node:sqlite (a number) throw them. */
const named = (code: string, message = 'it said so'): Error => Object.assign(new Error(message), { code });
const numbered = (errcode: number): Error => Object.assign(new Error('it said so'), { errcode });

describe('storeFailure', () => {
  it.each([
    ['SQLITE_BUSY', 5, 'STORE_CONFLICT', true],
    ['SQLITE_BUSY_SNAPSHOT', 5 | (2 << 8), 'STORE_CONFLICT', true],
    ['SQLITE_LOCKED', 6, 'STORE_CONFLICT', true],
    ['SQLITE_INTERRUPT', 9, 'STORE_CONFLICT', true],
    ['SQLITE_SCHEMA', 17, 'STORE_CONFLICT', true],
    ['SQLITE_FULL', 13, 'STORE_UNAVAILABLE', true],
    ['SQLITE_IOERR_WRITE', 10 | (3 << 8), 'STORE_UNAVAILABLE', true],
    ['SQLITE_CANTOPEN', 14, 'STORE_UNAVAILABLE', true],
    ['SQLITE_NOMEM', 7, 'STORE_UNAVAILABLE', true],
    ['SQLITE_READONLY', 8, 'STORE_READ_ONLY', true],
    ['SQLITE_PERM', 3, 'STORE_ACCESS_DENIED', false],
    ['SQLITE_AUTH', 23, 'STORE_ACCESS_DENIED', false],
    ['SQLITE_CORRUPT', 11, 'STORE_FAILED', false],
    ['SQLITE_NOTADB', 26, 'STORE_FAILED', false],
    ['SQLITE_CONSTRAINT_CHECK', 19 | (1 << 8), 'STORE_FAILED', false],
  ])('takes %s (%i) for %s', (name, number, code, retryable) => {
    for (const error of [named(name), numbered(number)]) {
      expect(storeFailure(error, 'shop.db')).toMatchObject({ code, retryable, cause: error });
    }
  });

  it('says what to run when a table or a column is missing', () => {
    const missing = named('SQLITE_ERROR', 'no such table: main.outbox_messages');
    expect(storeFailure(missing, 'shop.db')).toMatchObject({
      code: 'STORE_SCHEMA_MISSING',
      message: expect.stringContaining('outrelay migrate apply') as string,
    });
    const old = named('SQLITE_ERROR', 'no such column: redrives');
    expect(storeFailure(old, 'shop.db')).toMatchObject({ code: 'STORE_SCHEMA_OUTDATED' });
  });

  it('hands on what is not of SQLite', () => {
    for (const error of [new TypeError('no'), new OutboxError('STORE_CLOSED', 'closed')])
      expect(storeFailure(error, 'shop.db')).toBe(error);
  });
});

describe('isBusy', () => {
  it('is true for what may succeed in a moment', () => {
    expect([named('SQLITE_BUSY'), numbered(6), named('SQLITE_FULL'), new Error('x')].map(isBusy)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
