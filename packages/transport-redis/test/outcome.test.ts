import { describe, expect, it } from 'vitest';
import type { Reply } from '../src/client.ts';
import { type Outcome, readOutcomes } from '../src/outcome.ts';

function answered(text: string): Reply {
  const error = new Error(text);
  error.name = 'ReplyError';
  return [error];
}

function outcome(reply: Reply, size = 3): Outcome | undefined {
  return readOutcomes([reply], [size], 'redis')[0];
}

describe('the outcome of a chunk', () => {
  it('is stored when the script counted all of it', () => {
    expect(outcome([null, 3])).toEqual({ kind: 'stored' });
    expect(outcome([null, '3'])).toEqual({ kind: 'stored' });
    expect(outcome([null, '1795333721864-0'], 1)).toEqual({ kind: 'stored' });
  });

  it('is refused from where the script stopped', () => {
    expect(outcome([null, [2, 'OOM no memory']])).toMatchObject({
      kind: 'refused',
      stored: 2,
      refusal: { scope: 'stream' },
    });
    expect(outcome(answered('OOM no memory'))).toMatchObject({ kind: 'refused', stored: 0 });
  });

  it.each([
    ['MOVED 3999 127.0.0.1:6381', '127.0.0.1:6381', false],
    ['ASK 3999 127.0.0.1:6381', '127.0.0.1:6381', true],
    ['MOVED 3999 2001:db8::1:6381', '2001:db8::1:6381', false],
    ['MOVED 3999 :6381', null, false],
    ['MOVED 3999 ?:6381', null, false],
  ])('%s is redirected', (text, address, once) => {
    expect(outcome(answered(text))).toMatchObject({ kind: 'redirected', redirect: { address, once } });
  });

  it.each<[string, Reply]>([
    ['the connection is lost', [new Error('Connection is closed.')]],
    ['an answer is of no known kind', answered('ERR upstream failure')],
    ['the script counted something else', [null, 2]],
    ['a reply has another shape', [null, { stored: 3 }]],
    ['there is no reply', [null, null]],
    ['the reply is that of a single entry', [null, '1795333721864-0']],
  ])('is unknown when %s', (_, reply) => {
    expect(outcome(reply)).toMatchObject({ kind: 'unknown', error: { code: 'TRANSPORT_OUTCOME_UNKNOWN' } });
  });

  it('is unknown without a reply', () => {
    expect(readOutcomes([], [1], 'redis')).toMatchObject([{ kind: 'unknown' }]);
  });

  it('blames a message for being too large only when it went alone', () => {
    const reply = answered('ERR Protocol error: invalid bulk length');
    expect(outcome(reply, 1)).toMatchObject({ kind: 'refused', stored: 0, refusal: { scope: 'message' } });
    expect(outcome(reply, 2)).toMatchObject({ kind: 'unknown' });
  });

  it('is skipped behind an error in the protocol, after which the server reads no further', () => {
    const replies = [
      [null, '1-0'],
      answered('ERR Protocol error: invalid bulk length'),
      [new Error('aborted')],
    ] as const;
    const outcomes = readOutcomes(replies, [1, 1, 1], 'redis');
    expect(outcomes.map(({ kind }) => kind)).toEqual(['stored', 'refused', 'skipped']);
  });
});
