import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, errorText, isOutboxError, OutboxError, type OutboxErrorCode } from '../src/errors.ts';

describe('OutboxError', () => {
  it('carries code, text and cause', () => {
    const cause = new Error('socket closed');
    const error = new OutboxError('STORE_UNAVAILABLE', 'The database is away.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'OutboxError', code: 'STORE_UNAVAILABLE', cause });
    expect(error.message).toBe('The database is away.');
  });

  it('has no cause when none is given', () => {
    expect('cause' in new OutboxError('STORE_FAILED', 'x')).toBe(false);
  });

  it.each(Object.keys(ERROR_CODES) as OutboxErrorCode[])('is as retryable as its code says: %s', (code) => {
    expect(new OutboxError(code, 'x').retryable).toBe(ERROR_CODES[code].retryable);
    expect(new OutboxError(code, 'x', { retryable: true }).retryable).toBe(true);
    expect(new OutboxError(code, 'x', { retryable: false }).retryable).toBe(false);
  });

  it('says of every code what it means and what to do', () => {
    for (const entry of Object.values(ERROR_CODES)) {
      expect(entry.meaning).toMatch(/\.$/);
      expect(entry.remedy).toMatch(/\.$/);
    }
  });
});

describe('isOutboxError', () => {
  it('recognises the brand, not the class: another copy of the package makes errors too', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('outrelay.error')]: true });
    expect(isOutboxError(new OutboxError('STORE_FAILED', 'x'))).toBe(true);
    expect(isOutboxError(foreign)).toBe(true);
  });

  it.each([new Error('x'), { code: 'STORE_FAILED' }, null, undefined, 'STORE_FAILED', 5])(
    'does not take %o for one',
    (value) => {
      expect(isOutboxError(value)).toBe(false);
    },
  );

  it('does not show the brand when the error is listed', () => {
    expect(
      Object.getOwnPropertySymbols(Object.assign({}, new OutboxError('STORE_FAILED', 'x'))),
    ).not.toContain(Symbol.for('outrelay.error'));
  });
});

describe('errorText', () => {
  const hostile = {
    get message(): string {
      throw new Error('no');
    },
    toString: null,
  };

  it.each<[unknown, string]>([
    [new Error('down'), 'down'],
    [new TypeError(''), 'TypeError'],
    [Object.assign(new Error(''), { name: '' }), 'Error'],
    [Object.assign(new Error('x'), { message: undefined }), 'Error'],
    ['a text', 'a text'],
    ['', 'an empty text was thrown'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [{ message: 'from another library' }, 'from another library'],
    [{}, '[object Object]'],
    [Object.create(null), 'something without a text was thrown'],
    [hostile, 'something without a text was thrown'],
  ])('gives a text for whatever was thrown (case %#)', (thrown, expected) => {
    expect(errorText(thrown)).toBe(expected);
  });

  it('takes the text of an error of another realm', () => {
    expect(errorText(runInNewContext('new Error("elsewhere")'))).toBe('elsewhere');
  });

  it('looks into a collection of errors that has no text of its own, as Node.js throws for host names', () => {
    const refused = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}`));
    expect(errorText(new AggregateError(refused))).toBe(
      'connect ECONNREFUSED ::1; connect ECONNREFUSED 127.0.0.1',
    );
    expect(errorText(new AggregateError(refused, 'all failed'))).toBe('all failed');
    expect(errorText(new AggregateError([]))).toBe('AggregateError');
  });

  it('does not follow a collection that holds itself', () => {
    const loop = new AggregateError([]);
    loop.errors.push(loop);
    expect(errorText(loop)).toBe('AggregateError');
  });
});
