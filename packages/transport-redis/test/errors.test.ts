import { describe, expect, it } from 'vitest';
import { causeText, readRefusal, readScriptRefusal, type Scope } from '../src/errors.ts';

/** The texts are those of Redis 6.2 to 8; the tests with servers make Redis say most of them. */
const TABLE: readonly (readonly [text: string, scope: Scope, code: string])[] = [
  ['ERR Protocol error: invalid bulk length', 'message', 'TRANSPORT_REJECTED'],
  ['ERR Elements are too large to be stored', 'message', 'TRANSPORT_REJECTED'],
  ["READONLY You can't write against a read only replica.", 'server', 'TRANSPORT_UNAVAILABLE'],
  ['LOADING Redis is loading the dataset in memory', 'server', 'TRANSPORT_UNAVAILABLE'],
  [
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'server',
    'TRANSPORT_UNAVAILABLE',
  ],
  [
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    'server',
    'TRANSPORT_UNAVAILABLE',
  ],
  [
    'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist on disk.',
    'server',
    'TRANSPORT_UNAVAILABLE',
  ],
  ['NOAUTH Authentication required.', 'server', 'TRANSPORT_UNAVAILABLE'],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'server', 'TRANSPORT_UNAVAILABLE'],
  ['ERR invalid password', 'server', 'TRANSPORT_UNAVAILABLE'],
  ['ERR Protocol error: unauthenticated multibulk length', 'server', 'TRANSPORT_UNAVAILABLE'],
  ["NOPERM this user has no permissions to run the 'eval' command", 'server', 'TRANSPORT_UNAVAILABLE'],
  ["NOPERM User shop has no permissions to run the 'xadd' command", 'server', 'TRANSPORT_UNAVAILABLE'],
  [
    "ERR The user executing the script can't run this command or subcommand",
    'server',
    'TRANSPORT_UNAVAILABLE',
  ],
  ['ERR max number of clients reached', 'server', 'TRANSPORT_UNAVAILABLE'],
  ["ERR unknown command 'EVAL', with args beginning with: 'a' 'b'", 'server', 'TRANSPORT_UNAVAILABLE'],
  ['CLUSTERDOWN The cluster is down', 'broker', 'TRANSPORT_UNAVAILABLE'],
  ['CLUSTERDOWN Hash slot not served', 'stream', 'TRANSPORT_FAILED'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'stream', 'TRANSPORT_FAILED'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'stream', 'TRANSPORT_FAILED'],
  ['NOREPLICAS Not enough good replicas to write.', 'stream', 'TRANSPORT_FAILED'],
  [
    'NOPERM this user has no permissions to access one of the keys used as arguments',
    'stream',
    'TRANSPORT_FAILED',
  ],
  ['NOPERM No permissions to access a key', 'stream', 'TRANSPORT_FAILED'],
  [
    "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments",
    'stream',
    'TRANSPORT_FAILED',
  ],
  [
    'ERR The stream has exhausted the last possible ID, unable to add more items',
    'stream',
    'TRANSPORT_FAILED',
  ],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'stream', 'TRANSPORT_FAILED'],
  ['MOVED 3999 127.0.0.1:6381', 'stream', 'TRANSPORT_FAILED'],
  ['ASK 3999 127.0.0.1:6381', 'stream', 'TRANSPORT_FAILED'],
];

describe('an answer that refuses', () => {
  it.each(TABLE)('%s concerns the %s', (text, scope, code) => {
    const refusal = readRefusal(text, 'redis:6379');
    expect(refusal).toMatchObject({ scope, error: { code } });
    expect(refusal?.error.message).toContain('redis:6379 answered');
  });

  it('tells nothing when it is of no known kind, for what answered may be a proxy', () => {
    expect(readRefusal('ERR upstream failure', 'redis')).toBeNull();
    expect(readRefusal('EXECABORT Transaction discarded because of previous errors.', 'redis')).toBeNull();
  });

  it('tells nothing when the script failed by itself, for a part may be stored', () => {
    const text =
      'OOM not enough memory script: 694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7, on @user_script:14.';
    expect(readRefusal(text, 'redis')).toBeNull();
  });

  it('never repeats the arguments of the command', () => {
    const text = "ERR unknown command 'XADD', with args beginning with: 'order' '*' 'payload' 'secret\n'";
    expect(readRefusal(text, 'redis')?.error.message).not.toContain('secret');
    expect(causeText(new Error(text))).not.toContain('secret');
  });
});

describe('an answer to one XADD inside the script', () => {
  it('always means that this entry was not stored', () => {
    expect(readScriptRefusal('ERR something new', 'redis')).toMatchObject({
      scope: 'stream',
      error: { code: 'TRANSPORT_FAILED', message: 'redis answered "ERR something new"' },
    });
    expect(readScriptRefusal('ERR Elements are too large to be stored', 'redis').scope).toBe('message');
  });

  it('is understood with the decoration of versions before 7', () => {
    const text = "@user_script: 14: -READONLY You can't write against a read only replica.";
    expect(readScriptRefusal(text, 'redis').scope).toBe('server');
    expect(readScriptRefusal('-NOREPLICAS Not enough good replicas to write.', 'redis').scope).toBe('stream');
  });
});

describe('the text of a cause', () => {
  it('is that of the parts of an aggregate without one', () => {
    const cause = new AggregateError([
      new Error('connect ECONNREFUSED ::1:1'),
      new Error('connect ECONNREFUSED 127.0.0.1:1'),
    ]);
    expect(causeText(cause)).toBe('connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1');
  });
});
