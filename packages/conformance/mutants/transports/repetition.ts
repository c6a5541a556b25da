import {
  ACCEPTED,
  DUPLICATE,
  type Message,
  type PublishResult,
  type Transport,
  WITHHELD,
} from '@outrelay/core';
import { brokerHarness, forgetful, type MutateTransport } from '../lab/broker-harness.ts';
import { broken, type TransportMutant } from './transport-mutant.ts';

const NOBODY_ABORTS = new AbortController().signal;

/** Breaks a transport that leaves duplicates to consumers. */
function forgetting(name: string, bug: string, mutate: MutateTransport): TransportMutant {
  return { name, bug, harness: brokerHarness(mutate, forgetful.dialect, forgetful.manifest) };
}

/** Changes the messages of a call, one for one. */
function calling(change: (messages: readonly Message[]) => readonly Message[]): MutateTransport {
  return () => (transport) => ({
    ...transport,
    publish: (messages, signal) => transport.publish(change(messages), signal),
  });
}

/** Sends what is not held back, and holds back what `isHeld` says of the results so far. */
function holdingBack(isHeld: (message: Message, failed: Message) => boolean): MutateTransport {
  return () => (transport) => ({
    ...transport,
    async publish(messages, signal) {
      const results: PublishResult[] = [];
      let failed: Message | undefined;
      for (const message of messages) {
        const held = failed !== undefined && isHeld(message, failed);
        const [result = WITHHELD] = held ? [] : await transport.publish([message], signal);
        results.push(result);
        if (result.status !== 'accepted' && result.status !== 'withheld') failed ??= message;
      }
      return results;
    },
  });
}

/** Transports that send a message too seldom, too often, or under another's name. */
export const REPETITION_MUTANTS: readonly TransportMutant[] = [
  broken('sent-once-is-sent', 'What was sent before counts as a duplicate, whatever became of it.', () => {
    const sent = new Set<string>();
    return (transport: Transport): Transport => ({
      ...transport,
      async publish(messages, signal) {
        if (messages.length === 1 && sent.has(messages[0]?.deduplicationId ?? '')) return [DUPLICATE];
        const results = await transport.publish(messages, signal);
        for (const [at, message] of messages.entries())
          if (results[at]?.status === 'unknown') sent.add(message.deduplicationId);
        return results;
      },
    });
  }),

  broken(
    'queue-while-offline',
    'What is published while the broker is away is refused, kept and sent later.',
    () => {
      const kept: Message[] = [];
      return (transport) => ({
        ...transport,
        async publish(messages, signal) {
          try {
            const results = await transport.publish(messages, signal);
            const again = kept.splice(0);
            if (again.length > 0) await transport.publish(again, NOBODY_ABORTS);
            return results;
          } catch (error) {
            kept.push(...messages);
            throw error;
          }
        },
      });
    },
  ),

  forgetting(
    'deduplicates-by-itself',
    'An id that was accepted before is accepted without being sent.',
    () => {
      const accepted = new Set<string>();
      return (transport) => ({
        ...transport,
        async publish(messages, signal) {
          if (messages.every(({ id }) => accepted.has(id))) return messages.map(() => ACCEPTED);
          const results = await transport.publish(messages, signal);
          for (const [at, { id }] of messages.entries())
            if (results[at]?.status === 'accepted') accepted.add(id);
          return results;
        },
      });
    },
  ),

  forgetting('one-per-id', 'The messages of a call are kept in a map by id.', () => (transport) => ({
    ...transport,
    async publish(messages, signal) {
      const byId = new Map(messages.map((message) => [message.id, message]));
      const results = await transport.publish([...byId.values()], signal);
      const ids = [...byId.keys()];
      return messages.map(({ id }) => results[ids.indexOf(id)] ?? ACCEPTED);
    },
  })),

  broken(
    'batch-under-one-topic',
    'A call is sent as one batch to the topic of its first message.',
    calling((messages) => messages.map((message) => ({ ...message, topic: messages[0]?.topic ?? '' }))),
  ),

  broken(
    'batch-under-one-content-type',
    'A call is sent as one batch under the content type of its first message.',
    calling((messages) =>
      messages.map((message) => ({ ...message, contentType: messages[0]?.contentType ?? '' })),
    ),
  ),

  broken(
    'withholds-by-key-alone',
    'After a failure the same key of other topics is held back.',
    holdingBack((message, failed) => message.key === failed.key),
  ),

  broken(
    'withholds-the-rest',
    'After a failure everything that follows is held back.',
    holdingBack(() => true),
  ),
];
