import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimedMessage } from '../../src/message.ts';
import { type Decision, decide, storedError, triage } from '../../src/relay/decide.ts';
import { TopicPolicies } from '../../src/relay/policy.ts';
import { readRetry } from '../../src/relay/retry-policy.ts';
import type { PublishResult } from '../../src/transport.ts';
import { ACCEPTED, DUPLICATE, WITHHELD } from '../../src/transport.ts';
import { claimed } from '../support/messages.ts';

const retry = readRetry('retry', { maxAttempts: 3, minDelayMs: 100, maxDelayMs: 1_000, jitter: 0 });
const policies = new TopicPolicies(retry, {
  strict: { onDead: 'block' },
  eager: { retry: { maxAttempts: 1 } },
});
const error = new Error('busy');
const failed: PublishResult = { status: 'failed', error };
const unknown: PublishResult = { status: 'unknown', error };
const rejected: PublishResult = { status: 'rejected', error };

const decideOne = (fields: Partial<ClaimedMessage>, result: PublishResult): Decision =>
  decide([claimed(fields)], [result], policies, () => 0.5);

/** The kinds of outcome, without their messages. */
function kinds({ settlements }: Decision): string {
  const { accepted, retry: retried, dead, returned } = settlements;
  return `${accepted.length} accepted, ${retried.length} retry, ${dead.length} dead, ${returned.length} returned`;
}

describe('decide', () => {
  it.each<[PublishResult, number, string]>([
    [ACCEPTED, 1, '1 accepted, 0 retry, 0 dead, 0 returned'],
    [DUPLICATE, 3, '1 accepted, 0 retry, 0 dead, 0 returned'],
    [rejected, 1, '0 accepted, 0 retry, 1 dead, 0 returned'],
    [failed, 2, '0 accepted, 1 retry, 0 dead, 0 returned'],
    [failed, 3, '0 accepted, 0 retry, 1 dead, 0 returned'],
    [unknown, 2, '0 accepted, 1 retry, 0 dead, 0 returned'],
    [unknown, 3, '0 accepted, 0 retry, 1 dead, 0 returned'],
    [WITHHELD, 3, '0 accepted, 0 retry, 0 dead, 1 returned'],
  ])('turns $status in attempt %i into %s', (result, attempt, outcome) => {
    expect(kinds(decideOne({ attempt }, result))).toBe(outcome);
  });

  it('hands the batch on as it is when everything was accepted', () => {
    const messages = [claimed(), claimed()];
    const { settlements, duplicates } = decide(
      messages,
      [ACCEPTED, { status: 'accepted' }],
      policies,
      () => 0,
    );
    expect(settlements.accepted).toBe(messages);
    expect(duplicates).toBe(0);
  });

  it('counts duplicates', () => {
    const messages = [claimed(), claimed(), claimed()];
    expect(decide(messages, [DUPLICATE, ACCEPTED, DUPLICATE], policies, () => 0).duplicates).toBe(2);
  });

  it('waits by the policy, with the text of the failure', () => {
    const { settlements } = decideOne({ attempt: 2 }, failed);
    expect(settlements.retry).toMatchObject([{ delayMs: 200, error: 'busy' }]);
  });

  it.each([
    [5_000, 5_000],
    [50, 100],
    [5_000.2, 5_001],
    [0, 100],
    [-5, 100],
    [Number.NaN, 100],
    [Number.POSITIVE_INFINITY, 2_592_000_000],
    [undefined, 100],
  ])('honours a wait of %s that the broker asked for when it is longer (R3.2)', (retryAfterMs, delayMs) => {
    const { settlements } = decideOne({ attempt: 1 }, { ...failed, retryAfterMs });
    expect(settlements.retry[0]?.delayMs).toBe(delayMs);
  });

  it('says why a message is dead, and whether that blocks its key', () => {
    const dead = (topic: string, key: string | null, result: PublishResult): unknown =>
      decideOne({ topic, key, attempt: 3 }, result).settlements.dead[0];
    expect(dead('plain', 'k', rejected)).toMatchObject({ reason: 'rejected', error: 'busy', block: false });
    expect(dead('plain', 'k', failed)).toMatchObject({ reason: 'attempts-exhausted', block: false });
    expect(dead('strict', 'k', failed)).toMatchObject({ reason: 'attempts-exhausted', block: true });
    expect(dead('strict', null, rejected)).toMatchObject({ block: false });
  });

  it('follows the policy of the topic', () => {
    expect(kinds(decideOne({ topic: 'eager', attempt: 1 }, failed))).toContain('1 dead');
  });

  it('gives every message exactly one outcome, the one of its own result', () => {
    const results = fc.constantFrom<PublishResult>(ACCEPTED, DUPLICATE, WITHHELD, failed, unknown, rejected);
    const items = fc.array(fc.record({ attempt: fc.integer({ min: 1, max: 4 }), result: results }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(items, (given) => {
        const messages = given.map(({ attempt }, index) => claimed({ id: String(index), attempt }));
        const { settlements } = decide(
          messages,
          given.map(({ result }) => result),
          policies,
          () => 0,
        );
        const outcomes = new Map([
          ...settlements.accepted.map((message) => [message.id, 'accepted'] as const),
          ...settlements.retry.map(({ message }) => [message.id, 'retry'] as const),
          ...settlements.dead.map(({ message }) => [message.id, 'dead'] as const),
          ...settlements.returned.map((message) => [message.id, 'returned'] as const),
        ]);
        const { accepted, retry: retried, dead, returned } = settlements;
        expect(accepted.length + retried.length + dead.length + returned.length).toBe(given.length);
        const expected = given.map(({ attempt, result }) => {
          if (result.status === 'accepted' || result.status === 'duplicate') return 'accepted';
          if (result.status === 'withheld') return 'returned';
          return result.status === 'rejected' || attempt >= 3 ? 'dead' : 'retry';
        });
        expect(given.map((_, index) => outcomes.get(String(index)))).toEqual(expected);
      }),
    );
  });
});

describe('triage', () => {
  it('hands a healthy batch on as it is', () => {
    const messages = [claimed(), claimed({ attempt: 3 })];
    expect(triage(messages, policies)).toEqual({ sendable: messages, dead: [], returned: [] });
    expect(triage(messages, policies).sendable).toBe(messages);
  });

  it('takes out what cannot be decoded, with the reason the store gives', () => {
    const { sendable, dead } = triage(
      [claimed({ id: 'a' }), claimed({ id: 'b', undecodable: 'no headers' })],
      policies,
    );
    expect(sendable.map(({ id }) => id)).toEqual(['a']);
    expect(dead).toMatchObject([
      { message: { id: 'b' }, reason: 'undecodable', error: 'no headers', block: false },
    ]);
  });

  it('takes out what used up its attempts without an answer, unpublished (R3.5)', () => {
    const { sendable, dead } = triage(
      [claimed({ attempt: 4 }), claimed({ topic: 'eager', attempt: 2 })],
      policies,
    );
    expect(sendable).toEqual([]);
    expect(dead).toMatchObject([{ reason: 'attempts-exhausted' }, { reason: 'attempts-exhausted' }]);
    expect(dead[0]?.error).toContain('was not sent again');
  });

  it('returns what stands behind a dead letter that blocks its key, and nothing else', () => {
    const batch = [
      claimed({ id: 'before', topic: 'strict', key: 'k' }),
      claimed({ id: 'dead', topic: 'strict', key: 'k', attempt: 4 }),
      claimed({ id: 'behind', topic: 'strict', key: 'k' }),
      claimed({ id: 'behind too', topic: 'strict', key: 'k', attempt: 4 }),
      claimed({ id: 'other key', topic: 'strict', key: 'l' }),
      claimed({ id: 'no key', topic: 'strict', key: null }),
    ];
    const { sendable, dead, returned } = triage(batch, policies);
    expect(sendable.map(({ id }) => id)).toEqual(['before', 'other key', 'no key']);
    expect(dead.map(({ message }) => message.id)).toEqual(['dead']);
    expect(returned.map(({ id }) => id)).toEqual(['behind', 'behind too']);
  });

  it('lets a key go on behind a dead letter that does not block', () => {
    const batch = [claimed({ id: 'dead', key: 'k', attempt: 4 }), claimed({ id: 'next', key: 'k' })];
    expect(triage(batch, policies).sendable.map(({ id }) => id)).toEqual(['next']);
  });
});

describe('storedError', () => {
  it('is bounded and fit for every database', () => {
    expect(storedError(new Error('a\0b'))).toBe('ab');
    expect(storedError('x'.repeat(3_000))).toHaveLength(2_000);
    expect(storedError(`${'x'.repeat(1_999)}😀`).isWellFormed()).toBe(true);
    expect(storedError(Object.create(null))).toBe('something without a text was thrown');
  });
});
