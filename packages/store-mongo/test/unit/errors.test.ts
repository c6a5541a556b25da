import { OutboxError, type OutboxErrorCode } from '@outrelay/core';
import {
  MongoAPIError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { describe, expect, it } from 'vitest';
import { isTransient, storeFailure } from '../../src/errors.ts';

function ofServer(code: number, labels: readonly string[] = []): MongoServerError {
  const error = new MongoServerError({ code, message: `error ${code}` });
  for (const label of labels) error.addErrorLabel(label);
  return error;
}

function ofSocket(code: string): Error {
  return Object.assign(new Error(`write ${code}`), { code });
}

const CASES: readonly (readonly [name: string, error: unknown, code: OutboxErrorCode, retryable: boolean])[] =
  [
    ['a connection that broke', new MongoNetworkError('closed'), 'STORE_UNAVAILABLE', true],
    ['a connection that timed out', new MongoNetworkTimeoutError('slow'), 'STORE_UNAVAILABLE', true],
    ['a reset while the driver wrote', ofSocket('ECONNRESET'), 'STORE_UNAVAILABLE', true],
    ['a write to a closed socket', ofSocket('ERR_STREAM_DESTROYED'), 'STORE_UNAVAILABLE', true],
    ['no server', new MongoServerSelectionError('none', {} as never), 'STORE_UNAVAILABLE', true],
    ['InterruptedAtShutdown', ofServer(11_600), 'STORE_UNAVAILABLE', true],
    ['PrimarySteppedDown', ofServer(189), 'STORE_READ_ONLY', true],
    ['InterruptedDueToReplStateChange', ofServer(11_602), 'STORE_READ_ONLY', true],
    ['NotWritablePrimary', ofServer(10_107), 'STORE_READ_ONLY', true],
    ['WriteConflict', ofServer(112, ['TransientTransactionError']), 'STORE_CONFLICT', true],
    ['NoSuchTransaction', ofServer(251, ['TransientTransactionError']), 'STORE_CONFLICT', true],
    ['a label alone', ofServer(77_777, ['TransientTransactionError']), 'STORE_CONFLICT', true],
    [
      'a commit of unknown outcome',
      ofServer(77_777, ['UnknownTransactionCommitResult']),
      'STORE_UNAVAILABLE',
      true,
    ],
    ['Unauthorized', ofServer(13), 'STORE_ACCESS_DENIED', false],
    ['AuthenticationFailed', ofServer(18), 'STORE_ACCESS_DENIED', false],
    ['NamespaceNotFound', ofServer(26), 'STORE_SCHEMA_MISSING', false],
    ['DocumentValidationFailure', ofServer(121), 'STORE_FAILED', false],
    ['misuse of the driver', new MongoAPIError('no'), 'STORE_FAILED', false],
  ];

describe('storeFailure', () => {
  it.each(CASES)('classifies %s', (_, error, code, retryable) => {
    const failure = storeFailure(error, 'database "shop"');
    expect(failure).toMatchObject({ code, retryable, cause: error });
    expect((failure as Error).message).toContain('database "shop"');
  });

  it('hands on what is not from the driver, and its own errors', () => {
    for (const error of [
      new TypeError('no'),
      new RangeError('no'),
      new OutboxError('STORE_CLOSED', 'closed'),
    ])
      expect(storeFailure(error, 'x')).toBe(error);
  });
});

describe('isTransient', () => {
  it('reads the label and nothing else', () => {
    expect(isTransient(ofServer(1, ['TransientTransactionError']))).toBe(true);
    for (const error of [ofServer(112), new Error('TransientTransactionError'), null, 'text'])
      expect(isTransient(error)).toBe(false);
  });
});
