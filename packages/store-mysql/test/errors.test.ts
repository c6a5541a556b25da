import { OutboxError } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { callerFailure, isConflict, isConnectionLoss, isDuplicate, storeFailure } from '../src/errors.ts';

function serverError(errno: number, code: string, message = 'as the server says'): Error {
  return Object.assign(new Error(message), { errno, code });
}

describe('failures of the store', () => {
  it.each([
    [1213, 'ER_LOCK_DEADLOCK', 'STORE_CONFLICT', true],
    [1205, 'ER_LOCK_WAIT_TIMEOUT', 'STORE_CONFLICT', true],
    [1020, 'ER_CHECKREAD', 'STORE_CONFLICT', true],
    [3572, 'ER_LOCK_NOWAIT', 'STORE_CONFLICT', true],
    [1040, 'ER_CON_COUNT_ERROR', 'STORE_UNAVAILABLE', true],
    [1203, 'ER_TOO_MANY_USER_CONNECTIONS', 'STORE_UNAVAILABLE', true],
    [1053, 'ER_SERVER_SHUTDOWN', 'STORE_UNAVAILABLE', true],
    [1927, 'ER_CONNECTION_KILLED', 'STORE_UNAVAILABLE', true],
    [1114, 'ER_RECORD_FILE_FULL', 'STORE_UNAVAILABLE', true],
    [1290, 'ER_OPTION_PREVENTS_STATEMENT', 'STORE_READ_ONLY', true],
    [1836, 'ER_READ_ONLY_MODE', 'STORE_READ_ONLY', true],
    [1792, 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', 'STORE_READ_ONLY', true],
    [1045, 'ER_ACCESS_DENIED_ERROR', 'STORE_ACCESS_DENIED', false],
    [1142, 'ER_TABLEACCESS_DENIED_ERROR', 'STORE_ACCESS_DENIED', false],
    [1049, 'ER_BAD_DB_ERROR', 'STORE_SCHEMA_MISSING', false],
    [1054, 'ER_BAD_FIELD_ERROR', 'STORE_SCHEMA_OUTDATED', false],
    [1665, 'ER_BINLOG_STMT_MODE_AND_ROW_ENGINE', 'STORE_FAILED', false],
    [1064, 'ER_PARSE_ERROR', 'STORE_FAILED', false],
  ])('%i %s are %s', (errno, name, code, retryable) => {
    expect(storeFailure(serverError(errno, name), 'shop')).toMatchObject({ code, retryable });
  });

  it.each(['PROTOCOL_CONNECTION_LOST', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE'])(
    '%s is an outage',
    (code) => {
      const error = Object.assign(new Error('gone'), { code, errno: -111, syscall: 'connect', fatal: true });
      expect(isConnectionLoss(error)).toBe(true);
      expect(storeFailure(error, 'shop')).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    },
  );

  it('names a missing table of the outbox, and no other', () => {
    const missing = (table: string): unknown =>
      storeFailure(serverError(1146, 'ER_NO_SUCH_TABLE', `Table 'shop.${table}' doesn't exist`), 'shop');
    expect(missing('outbox_messages')).toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
    expect(missing('orders')).toMatchObject({ code: 'STORE_FAILED' });
  });

  it('hands on what is no failure of the server', () => {
    const error = new TypeError('a mistake');
    expect(storeFailure(error, 'shop')).toBe(error);
    const known = new OutboxError('STORE_CLOSED', 'closed');
    expect(storeFailure(known, 'shop')).toBe(known);
  });
});

describe('failures in a transaction of the caller', () => {
  it('stay as they are, since they are about that transaction', () => {
    const error = serverError(1213, 'ER_LOCK_DEADLOCK');
    expect(callerFailure(error, 'shop')).toBe(error);
  });

  it('say that the connection was closed', () => {
    const error = new Error("Can't add new command when connection is in closed state");
    expect(callerFailure(error, 'shop')).toMatchObject({ code: 'TRANSACTION_CLOSED' });
  });

  it('are recognised through libraries that wrap them', () => {
    const wrapped = new Error('a library', { cause: serverError(1062, 'ER_DUP_ENTRY') });
    expect([isDuplicate(wrapped), isDuplicate(new Error('1062')), isConflict(wrapped)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
