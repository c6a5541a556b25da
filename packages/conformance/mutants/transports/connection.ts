import { setMaxListeners } from 'node:events';
import { ACCEPTED, OutboxError, type PublishResult, type Transport } from '@outrelay/core';
import { brokerHarness } from '../lab/broker-harness.ts';
import { brokerCapabilities, brokerTransport, honestDialect } from '../lab/broker-transport.ts';
import { turn } from '../lab/gates.ts';
import { broken, resulting, type TransportMutant } from './transport-mutant.ts';

const NOBODY_ABORTS = new AbortController().signal;

export const CONNECTION_MUTANTS: readonly TransportMutant[] = [
  broken(
    'sent-side-by-side',
    'All messages of a call are sent at once, whatever their keys.',
    () => (transport) => ({
      ...transport,
      async publish(messages, signal) {
        setMaxListeners(0, signal);
        const calls = messages.map(async (message, at) => {
          for (let wait = at % 3; wait > 0; wait--) await turn();
          return transport.publish([message], signal);
        });
        return (await Promise.all(calls)).flat();
      },
    }),
  ),

  broken('newest-on-top', 'The broker is used as a stack.', (broker) => (transport) => ({
    ...transport,
    async publish(messages, signal) {
      const before = broker.log.length;
      const results = await transport.publish(messages, signal);
      broker.log.unshift(...broker.log.splice(before));
      return results;
    },
  })),

  broken(
    'later-ones-follow',
    'After a failure the later messages of the key are sent all the same.',
    (broker) => () => ({
      ...brokerTransport(broker, { ...honestDialect, withholds: false }),
      capabilities: brokerCapabilities,
    }),
  ),

  {
    name: 'withholds-without-saying',
    bug: 'Declares that it cannot hold order in a call, and does.',
    harness: brokerHarness(() => withholding, { ...honestDialect, withholds: false }),
  },

  broken('never-reconnects', 'A connection that was lost once is an error for ever.', () => (transport) => {
    let lost = false;
    return {
      ...transport,
      async publish(messages, signal) {
        const gone = new OutboxError('TRANSPORT_UNAVAILABLE', 'The connection is closed.');
        if (lost) throw gone;
        const results = await transport.publish(messages, signal).catch((error: unknown) => {
          lost = true;
          throw error;
        });
        lost = results.some(({ status }) => status === 'unknown');
        return results;
      },
    };
  }),

  broken('in-flight-is-accepted', 'What was in flight when the connection ended counts as stored.', () =>
    resulting((results) =>
      results.map((result) =>
        result.status === 'unknown' || result.status === 'withheld' ? ACCEPTED : result,
      ),
    ),
  ),

  broken('no-heartbeat', 'A connection that is silently dead is waited for.', (broker) => (transport) => ({
    ...transport,
    async publish(messages, signal) {
      const results = await transport.publish(messages, signal);
      const silent = results.some(({ status }) => status === 'unknown') && !signal.aborted;
      if (silent && broker.up) await new Promise<void>((resolve) => broker.onThaw(resolve));
      return results;
    },
  })),

  broken(
    'check-says-yes',
    'A check of the connection looks at its own configuration.',
    () => (transport) => ({
      ...transport,
      connectivity: { check: async () => {} },
    }),
  ),

  broken('check-sends', 'A check of the connection sends a message.', (broker) => (transport) => ({
    ...transport,
    connectivity: {
      async check(signal) {
        await transport.connectivity?.check(signal);
        broker.log.push({ topic: 'check', key: null, properties: {}, body: null, deduplicateBy: 'check' });
      },
    },
  })),

  broken(
    'calls-share-their-results',
    'Calls at the same time collect their results in one place.',
    () => (transport) => {
      const shared: PublishResult[] = [];
      let underWay = 0;
      return {
        ...transport,
        async publish(messages, signal) {
          if (underWay++ === 0) shared.length = 0;
          const start = shared.length;
          const results = await transport.publish(messages, signal);
          shared.push(...results);
          underWay--;
          return messages.map((_, at) => shared[start + at] as PublishResult);
        },
      };
    },
  ),

  broken('abort-ignored', 'A call that is aborted waits for its answers.', () => (transport) => ({
    ...transport,
    publish: (messages) => transport.publish(messages, NOBODY_ABORTS),
  })),

  broken('abort-is-failed', 'A call that is aborted says that nothing was stored.', () => (transport) => ({
    ...transport,
    async publish(messages, signal) {
      const results = await transport.publish(messages, signal);
      if (!signal.aborted) return results;
      return results.map(() => ({ status: 'failed', error: new Error('the call was aborted') }));
    },
  })),

  broken(
    'close-does-not-wait',
    'Closing ends the connection under calls that are under way.',
    (broker) => (transport) => ({
      ...transport,
      async close() {
        broker.stop();
        broker.up = true;
        await transport.close();
      },
    }),
  ),

  broken('closes-once', 'A second close is an error.', () => (transport) => {
    let closed = false;
    return {
      ...transport,
      async close() {
        if (closed) throw new Error('Connection already closed');
        closed = true;
        await transport.close();
      },
    };
  }),

  broken('heartbeat-left-running', 'A timer goes on after the close.', () => (transport) => {
    // It is never cleared: a timer that ends while the clause counts would hide the one that is left then.
    setInterval(() => {}, 60_000);
    return transport;
  }),
];

/** Keeps the later messages of a key back after one that was not accepted. */
function withholding(transport: Transport): Transport {
  return {
    ...transport,
    async publish(messages, signal) {
      const held = new Set<string>();
      const results: PublishResult[] = [];
      for (const message of messages) {
        const name = `${message.topic}\0${message.key}`;
        if (message.key !== null && held.has(name)) {
          results.push({ status: 'withheld' });
          continue;
        }
        const [result] = await transport.publish([message], signal);
        if (result?.status !== 'accepted' && result?.status !== 'duplicate') held.add(name);
        results.push(result as PublishResult);
      }
      return results;
    },
  };
}
