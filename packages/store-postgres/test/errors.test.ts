import { isOutboxError, OutboxError, type OutboxErrorCode } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { callerFailure, storeFailure } from '../src/errors.ts';

const failure = (code: string | undefined, message = 'it failed'): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

const UNAVAILABLE = [true, 'STORE_UNAVAILABLE'] as const;
const CONFLICT = [true, 'STORE_CONFLICT'] as const;
const DENIED = [false, 'STORE_ACCESS_DENIED'] as const;

describe('storeFailure', () => {
  it.each<[state: string, what: string, expected: readonly [retryable: boolean, code: OutboxErrorCode]]>([
    ['08006', 'connection failure', UNAVAILABLE],
    ['08P01', 'what poolers say', UNAVAILABLE],
    ['25006', 'read-only', [true, 'STORE_READ_ONLY']],
    ['25P03', 'idle in transaction', CONFLICT],
    ['28000', 'refused by pg_hba.conf', DENIED],
    ['28P01', 'wrong password', DENIED],
    ['3D000', 'no such database', DENIED],
    ['3F000', 'no such schema', [false, 'STORE_SCHEMA_MISSING']],
    ['40001', 'serialisation', CONFLICT],
    ['40P01', 'deadlock', CONFLICT],
    ['42501', 'missing right', DENIED],
    ['42703', 'no such column', [false, 'STORE_SCHEMA_OUTDATED']],
    ['42P01', 'no such table', [false, 'STORE_SCHEMA_MISSING']],
    ['53100', 'disk full', UNAVAILABLE],
    ['53300', 'too many connections', UNAVAILABLE],
    ['55P03', 'lock timeout', CONFLICT],
    ['57014', 'statement timeout', CONFLICT],
    ['57P01', 'shutdown', UNAVAILABLE],
    ['57P03', 'starting up', UNAVAILABLE],
    ['58030', 'input/output', UNAVAILABLE],
    ['22021', 'what nobody foresaw', [false, 'STORE_FAILED']],
  ])('classifies %s (%s)', (state, what, [retryable, code]) => {
    const cause = failure(state, what);
    expect(storeFailure(cause)).toMatchObject({ code, retryable, cause });
    // Libraries wrap what the driver threw.
    expect(storeFailure(new Error('query failed', { cause }))).toMatchObject({ code });
  });

  it.each([
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432', 'STORE_UNAVAILABLE'],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND db', 'STORE_UNAVAILABLE'],
    [undefined, 'Connection terminated unexpectedly', 'STORE_UNAVAILABLE'],
    [undefined, 'timeout exceeded when trying to connect', 'STORE_UNAVAILABLE'],
    [undefined, 'Cannot use a pool after calling end on the pool', 'STORE_CLOSED'],
  ])('classifies what the driver says itself: %s %s', (code, message, expected) => {
    expect(storeFailure(failure(code, message))).toMatchObject({ code: expected });
  });

  it('says what to run, and leaves alone what is not of the database', () => {
    expect(storeFailure(failure('42P01'))).toMatchObject({
      message: expect.stringContaining('outrelay migrate apply') as string,
    });
    const misuse = new TypeError('wrong use');
    expect(storeFailure(misuse)).toBe(misuse);
    const known = new OutboxError('STORE_CLOSED', 'closed');
    expect(storeFailure(known)).toBe(known);
  });
});

describe('callerFailure', () => {
  it('changes only what is about the outbox or the end of the transaction', () => {
    const conflict = failure('40001');
    expect(callerFailure(conflict, 'the client')).toBe(conflict);
    expect(isOutboxError(callerFailure(failure('42P01'), 'the client'))).toBe(true);
    expect(callerFailure(failure('25P02'), 'the client')).toMatchObject({ code: 'TRANSACTION_CLOSED' });
    expect(
      callerFailure(failure(undefined, 'Client was closed and is not queryable'), 'the client'),
    ).toMatchObject({
      code: 'TRANSACTION_CLOSED',
    });
  });
});
