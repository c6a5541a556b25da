import { describe, expect, it } from 'vitest';
import { lineUnknown, streamBroken, tookNothing } from '../src/errors.ts';

const failure = (code: string): Error => Object.assign(new Error(`write ${code}`), { code });

describe('tookNothing', () => {
  it.each([
    ['EPIPE', true],
    ['ERR_STREAM_DESTROYED', true],
    ['ERR_STREAM_WRITE_AFTER_END', true],
    ['ECONNRESET', false],
    ['EIO', false],
    ['ENOSPC', false],
  ])('of %s is %s', (code, answer) => {
    expect(tookNothing(failure(code))).toBe(answer);
  });

  it('is false for an error without a code', () => {
    expect(tookNothing(new Error('the stream was closed'))).toBe(false);
  });
});

describe('the errors', () => {
  it('say what happened and what to do', () => {
    const cause = failure('EPIPE');
    expect(streamBroken(cause)).toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
      retryable: false,
      cause,
      message: expect.stringContaining('write EPIPE. Create the transport anew'),
    });
    expect(lineUnknown('write EIO')).toMatchObject({
      status: 'unknown',
      error: { code: 'TRANSPORT_OUTCOME_UNKNOWN', message: expect.stringContaining('write EIO') },
    });
  });
});
