import { describe, expect, it } from 'vitest';
import type { Answer } from '../src/client.ts';
import { answeredResult, lostResult, unreachable, verdictOf } from '../src/errors.ts';

function answer(status: number, headers: Answer['headers'] = {}): Answer {
  return { kind: 'answered', status, headers, body: Buffer.alloc(0) };
}
const result = (status: number, headers: Answer['headers'] = {}, text = '') =>
  answeredResult(answer(status, headers), 'https://example.com', () => text, 0);

describe('verdictOf', () => {
  const table: Record<string, readonly number[]> = {
    accepted: [200, 201, 202, 204, 206, 299],
    duplicate: [409],
    gone: [410],
    failed: [
      101, 300, 301, 302, 303, 304, 307, 308, 408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 599, 600, 999,
    ],
    rejected: [400, 401, 402, 403, 404, 405, 406, 411, 413, 414, 415, 421, 422, 426, 431, 451, 499],
  };
  it.each(Object.entries(table).flatMap(([verdict, all]) => all.map((status) => [status, verdict] as const)))(
    '%i is %s',
    (status, verdict) => {
      expect(verdictOf(status)).toBe(verdict);
    },
  );
});

describe('answeredResult', () => {
  it.each([
    [204, { status: 'accepted' }],
    [409, { status: 'duplicate' }],
    [
      404,
      {
        status: 'rejected',
        error: { code: 'TRANSPORT_REJECTED', message: 'https://example.com answered 404 Not Found' },
      },
    ],
    [
      500,
      { status: 'failed', error: { code: 'TRANSPORT_FAILED', retryable: true }, retryAfterMs: undefined },
    ],
    [301, { status: 'failed', error: { message: expect.stringContaining('redirects are not followed') } }],
    [410, { status: 'failed', error: { message: expect.stringContaining('wants no more messages') } }],
    [799, { status: 'failed', error: { message: 'https://example.com answered 799' } }],
  ])('of %i', (status, expected) => {
    expect(result(status)).toMatchObject(expected);
  });

  it.each([429, 503, 500, 408])('of %i passes on how long to wait', (status) => {
    expect(result(status, { 'retry-after': '3' })).toMatchObject({ status: 'failed', retryAfterMs: 3_000 });
    expect(
      result(status, {
        'retry-after': 'Sun, 06 Nov 1994 08:49:40 GMT',
        date: 'Sun, 06 Nov 1994 08:49:37 GMT',
      }),
    ).toMatchObject({ retryAfterMs: 3_000 });
  });

  it('shows what the endpoint said', () => {
    expect(result(422, {}, 'total is missing')).toMatchObject({
      error: { message: 'https://example.com answered 422 Unprocessable Entity: total is missing' },
    });
  });
});

describe('failures without an answer', () => {
  it('are unknown once something may have been sent', () => {
    const cause = new Error('socket hang up');
    expect(lostResult('https://example.com', cause)).toMatchObject({
      status: 'unknown',
      error: { code: 'TRANSPORT_OUTCOME_UNKNOWN', cause, message: expect.stringContaining('socket hang up') },
    });
  });

  it('name every address that was tried', () => {
    const cause = new AggregateError([
      new Error('connect ECONNREFUSED ::1'),
      new Error('connect ECONNREFUSED 127.0.0.1'),
    ]);
    expect(unreachable('http://localhost', cause)).toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
      message: 'http://localhost cannot be reached: connect ECONNREFUSED ::1; connect ECONNREFUSED 127.0.0.1',
    });
  });
});
