import type { MessageSource } from '@outrelay/core';
import { OutboxError } from '@outrelay/core';
import { QUEUE_SECRET } from '../lab/queue-harness.ts';
import { broken, replacing, type SourceMutant } from './source-mutant.ts';

type Verb = 'receive' | 'acknowledge' | 'reject' | 'release';
const VERBS: readonly Verb[] = ['receive', 'acknowledge', 'reject', 'release'];

/** Puts something around every verb. */
function around(
  source: MessageSource,
  wrap: (call: () => Promise<unknown>, verb: Verb) => Promise<unknown>,
): MessageSource {
  const verbs = VERBS.map((verb) => {
    const call = source[verb] as (...args: readonly unknown[]) => Promise<unknown>;
    return [verb, (...args: readonly unknown[]) => wrap(() => call(...args), verb)] as const;
  });
  return { ...source, ...Object.fromEntries(verbs) };
}

/** Sources that are wrong about their connection, or about their end. */
export const CONNECTION_MUTANTS: readonly SourceMutant[] = [
  broken('outage-is-silence', 'While the broker is away, a call yields no deliveries.', () => (source) => ({
    ...source,
    receive: (request, signal) => source.receive(request, signal).catch(() => []),
  })),
  broken(
    'sends-and-forgets',
    'Acknowledgements and the like are sent, and no answer is waited for.',
    () => (source) =>
      around(source, (call, verb) => {
        if (verb === 'receive') return call();
        call().catch(() => {});
        return Promise.resolve();
      }),
  ),
  broken(
    'class-of-its-own',
    'An outage is told with the code of a refusal.',
    () => (source) =>
      around(source, (call) =>
        call().catch((cause: unknown) => {
          throw new OutboxError('TRANSPORT_FAILED', 'The queue said no to the call.', { cause });
        }),
      ),
  ),
  broken('broken-for-good', 'After an outage every call fails.', () => (source) => {
    let failure: Error | undefined;
    return around(source, async (call) => {
      if (failure !== undefined) throw failure;
      return call().catch((error: unknown) => {
        failure = error as Error;
        throw error;
      });
    });
  }),
  broken(
    'outage-acknowledges',
    'After an outage what was in hands counts as handled.',
    (queue) => (source) =>
      around(source, (call) =>
        call().catch((error: unknown) => {
          for (const { hands } of queue.groups.values()) hands.clear();
          throw error;
        }),
      ),
  ),
  broken(
    'waits-for-ever',
    'An answer is waited for as long as it takes.',
    () => (source) =>
      around(source, (call) =>
        call().catch((error: unknown) => {
          const dead = ((error as Error).cause as Error | undefined)?.message === 'no answer';
          if (dead) return new Promise(() => {});
          throw error;
        }),
      ),
  ),
  broken(
    'password-in-the-error',
    'Errors hold the address as it was given.',
    () => (source) =>
      around(source, (call) =>
        call().catch((cause: unknown) => {
          const text = `connect to queue://consumer:${QUEUE_SECRET}@queue failed`;
          throw new OutboxError('TRANSPORT_UNAVAILABLE', text, { cause });
        }),
      ),
  ),
  broken('one-at-a-time', 'All calls of a source queue up behind each other.', () => (source) => {
    let last: Promise<unknown> = Promise.resolve();
    return around(source, (call) => {
      const next = last.then(call);
      last = next.catch(() => {});
      return next;
    });
  }),
  broken('close-acknowledges', 'What was in hands at the end counts as handled.', (queue) => (source) => ({
    ...source,
    async close() {
      for (const { hands } of queue.groups.values()) hands.clear();
      await source.close();
    },
  })),
  broken('close-leaves', 'A source that is closed keeps what it had in hands.', () => (source) => ({
    ...source,
    close: async () => {},
  })),
  broken('closes-once', 'Closing again fails.', () => (source) => {
    let closed = false;
    return {
      ...source,
      async close() {
        if (closed) throw new Error('The channel is closed.');
        closed = true;
        await source.close();
      },
    };
  }),
  broken(
    'heart-beats-on',
    'The timer that keeps what is in hands goes on after the end.',
    replacing((source) => {
      const heart = setInterval(() => {}, 60_000);
      // Longer than all clauses take: one that ended while a clause looks would hide another.
      setTimeout(() => clearInterval(heart), 120_000).unref();
      return { close: () => source.close() };
    }),
  ),
];
