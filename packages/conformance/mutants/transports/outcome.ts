import { ACCEPTED, OutboxError, type PublishResult } from '@outrelay/core';
import { SECRET } from '../lab/broker-harness.ts';
import { honestDialect } from '../lab/broker-transport.ts';
import { broken, misspoken, resulting, sending, type TransportMutant } from './transport-mutant.ts';

const FAILED = new OutboxError('TRANSPORT_FAILED', 'The broker did not take it.');

/** Gives a result with another status where it has the given one. */
function instead(
  from: PublishResult['status'],
  to: (result: PublishResult) => PublishResult,
): ReturnType<typeof resulting> {
  return resulting((results) => results.map((result) => (result.status === from ? to(result) : result)));
}

export const OUTCOME_MUTANTS: readonly TransportMutant[] = [
  broken('results-reversed', 'Results come in the order of the answers, not of the messages.', () =>
    resulting((results) => results.toReversed()),
  ),

  broken('result-missing', 'A message that was withheld has no result.', () =>
    resulting((results) => results.filter(({ status }) => status === 'accepted')),
  ),

  broken('one-result-for-all', 'The worst outcome of a call is that of all its messages.', () =>
    resulting((results) => {
      const bad = results.find(({ status }) => status !== 'accepted' && status !== 'duplicate');
      return bad === undefined ? results : results.map(() => bad);
    }),
  ),

  broken(
    'accepted-when-written',
    'A message is accepted when it was written to the socket.',
    () => (transport) => ({
      ...transport,
      async publish(messages, signal) {
        transport.publish(messages, signal).catch(() => {});
        return messages.map(() => ACCEPTED);
      },
    }),
  ),

  broken('confirmed-from-memory', 'The broker confirms before it has written.', (broker) => {
    broker.volatile = true;
    return (transport) => transport;
  }),

  broken('rejected-is-retried', 'A message the broker refuses for good is tried again and again.', () =>
    instead('rejected', () => ({ status: 'failed', error: FAILED })),
  ),

  broken('failed-is-final', 'A message the broker does not take this time becomes a dead letter.', () =>
    instead('failed', () => ({ status: 'rejected', error: FAILED })),
  ),

  broken('retry-after-ignored', 'The wait that the broker asks for is not passed on.', () =>
    instead('failed', () => ({ status: 'failed', error: FAILED })),
  ),

  misspoken('retry-after-in-seconds', 'Milliseconds are taken for seconds.', {
    understand(answer) {
      const result = honestDialect.understand(answer);
      if (result.status !== 'failed' || result.retryAfterMs === undefined) return result;
      return { ...result, retryAfterMs: result.retryAfterMs / 1_000 };
    },
  }),

  broken('unknown-is-failed', 'A message without an answer counts as not stored.', () =>
    instead('unknown', () => ({ status: 'failed', error: FAILED })),
  ),

  broken(
    'unavailable-is-failed',
    'A broker that cannot be reached costs every message an attempt.',
    () => (transport) => ({
      ...transport,
      async publish(messages, signal) {
        try {
          return await transport.publish(messages, signal);
        } catch (error) {
          return messages.map(() => ({ status: 'failed', error }) as const);
        }
      },
    }),
  ),

  misspoken(
    'unroutable-is-accepted',
    'A confirmation is taken for a delivery, whether or not anything received it.',
    {
      understand: (answer) => (answer.kind === 'unroutable' ? ACCEPTED : honestDialect.understand(answer)),
    },
  ),

  misspoken(
    'deduplicated-by-id',
    'The id is sent as the deduplication id, so a redrive is swallowed.',
    sending((message) => ({ ...message, deduplicationId: message.id })),
  ),

  misspoken(
    'deduplication-id-fresh',
    'Every attempt has a deduplication id of its own.',
    (() => {
      let count = 0;
      return sending((message) => ({ ...message, deduplicationId: String(++count) }));
    })(),
  ),

  misspoken('duplicate-is-failed', 'A duplicate is an error.', {
    understand: (answer) =>
      answer.kind === 'duplicate' ? { status: 'failed', error: FAILED } : honestDialect.understand(answer),
  }),

  broken('error-tells-the-payload', 'The error quotes the message.', () =>
    resulting((results, messages) =>
      results.map((result, at) =>
        'error' in result
          ? { ...result, error: new Error(`not taken: ${String(messages[at]?.payload)}`) }
          : result,
      ),
    ),
  ),

  broken('error-tells-the-password', 'The error quotes the address with its credentials.', () =>
    resulting((results) =>
      results.map((result) =>
        'error' in result ? { ...result, error: new Error(`amqp://user:${SECRET}@broker said no`) } : result,
      ),
    ),
  ),

  broken('error-says-nothing', 'The error is empty.', () =>
    resulting((results) =>
      results.map((result) => ('error' in result ? { ...result, error: new Error('x') } : result)),
    ),
  ),
];
