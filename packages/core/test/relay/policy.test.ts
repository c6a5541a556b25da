import { describe, expect, it } from 'vitest';
import { TopicPolicies, type TopicPolicyOptions } from '../../src/relay/policy.ts';
import { readRetry } from '../../src/relay/retry-policy.ts';

const retry = readRetry('retry', { maxAttempts: 7 });
const policiesOf = (topics: Record<string, TopicPolicyOptions>): TopicPolicies =>
  new TopicPolicies(retry, topics);

describe('TopicPolicies', () => {
  it("gives every topic the relay's retry policy and no block by default", () => {
    expect(policiesOf({}).of('order.placed')).toEqual({ retry, onDead: 'continue' });
  });

  it("gives a topic what its most specific pattern says, the rest being the relay's", () => {
    const policies = policiesOf({
      'order.*': { onDead: 'block' },
      'order.placed': { retry: { maxAttempts: 2 } },
    });
    expect(policies.of('order.paid')).toEqual({ retry, onDead: 'block' });
    expect(policies.of('order.placed')).toEqual({ retry: { ...retry, maxAttempts: 2 }, onDead: 'continue' });
    expect(policies.of('mail')).toEqual({ retry, onDead: 'continue' });
  });

  it.each<[string, object, RegExp]>([
    ['an unknown option', { a: { retries: 5 } }, /topic "a" has no option "retries"/],
    [
      'a wrong value',
      { a: { onDead: 'stop' } },
      /topic "a": option "onDead" must be one of "continue", "block"/,
    ],
    ['a wrong retry option', { a: { retry: { jitter: 2 } } }, /topic "a": option "retry": option "jitter"/],
    ['a wrong pattern', { 'a*': {} }, /Expected a topic such as/],
    ['no options', { a: null }, /Expected .*topic "a" to get an options object; got null/],
  ])('refuses %s', (_, topics, text) => {
    expect(() => policiesOf(topics as never)).toThrow(text);
  });
});
