import type { Message } from '@outrelay/core';
import { BROKER_LIMITS } from '../lab/broker.ts';
import { brokerHarness } from '../lab/broker-harness.ts';
import { brokerTransport, honestDialect } from '../lab/broker-transport.ts';
import { broken, misspoken, sending, type TransportMutant } from './transport-mutant.ts';

const ROOMY = { ...BROKER_LIMITS, maxPayloadBytes: BROKER_LIMITS.maxPayloadBytes * 2 };
const CROWDED = { ...BROKER_LIMITS, maxMessages: BROKER_LIMITS.maxMessages * 2 };

export const CONTENT_MUTANTS: readonly TransportMutant[] = [
  misspoken(
    'headers-dropped',
    'Headers are not sent.',
    sending((message) => ({ ...message, headers: {} })),
  ),

  misspoken(
    'key-dropped',
    'The key is used for routing and not sent.',
    sending((message) => ({ ...message, key: null })),
  ),

  misspoken(
    'content-type-dropped',
    'Everything is application/json.',
    sending((message) => ({ ...message, contentType: 'application/json' })),
  ),

  misspoken(
    'bytes-sent-as-text',
    'Payloads are decoded as UTF-8 on their way.',
    sending(({ payload, ...message }) => ({
      ...message,
      payload: payload instanceof Uint8Array ? Buffer.from(payload).toString('utf8') : payload,
    })),
  ),

  misspoken(
    'json-re-encoded',
    'JSON payloads are parsed and printed.',
    sending(({ payload, ...message }) => ({ ...message, payload: reEncoded(payload) })),
  ),

  misspoken(
    'no-body-is-empty',
    'A message without body arrives with an empty one.',
    sending(({ payload, ...message }) => ({ ...message, payload: payload ?? '' })),
  ),

  misspoken('headers-flattened', "Headers share the broker's properties with those of the transport.", {
    encode(message) {
      const { properties, ...record } = honestDialect.encode(message);
      const { headers: _headers, ...own } = properties;
      return { ...record, properties: { ...own, ...message.headers } };
    },
  }),

  {
    name: 'payload-limit-overstated',
    bug: 'Declares a larger payload than the broker takes.',
    harness: brokerHarness(undefined, honestDialect, { limits: ROOMY }),
  },

  {
    name: 'batch-limit-overstated',
    bug: 'Declares larger batches than it sends.',
    harness: brokerHarness(
      () => (transport) => ({
        ...transport,
        async publish(messages, signal) {
          const results = await transport.publish(messages.slice(0, BROKER_LIMITS.maxMessages), signal);
          return messages.map(
            (_, at) => results[at] ?? { status: 'failed', error: new Error('the batch is full') },
          );
        },
      }),
      honestDialect,
      { limits: CROWDED },
    ),
  },

  misspoken('reference-kept', "The broker's client keeps the caller's bytes until later.", {
    encode: (message) => ({
      ...honestDialect.encode(message),
      body: message.payload instanceof Uint8Array ? message.payload : honestDialect.encode(message).body,
    }),
  }),

  broken(
    'topic-cleaned',
    'Characters that the broker does not know are replaced in topics.',
    (broker) => (transport) => ({
      ...transport,
      publish(messages, signal) {
        const cleaned = messages.map((message): Message => {
          const topic = message.topic.replaceAll(/[^\w.]/g, '_');
          if (topic !== message.topic) broker.destinations.add(topic);
          return { ...message, topic };
        });
        return transport.publish(cleaned, signal);
      },
    }),
  ),

  broken(
    'prefix-routed',
    'A topic without destination goes to the one it begins like.',
    (broker) => () =>
      brokerTransport(broker, {
        ...honestDialect,
        encode(message) {
          const record = honestDialect.encode(message);
          const [first] = broker.destinations;
          return {
            ...record,
            topic: broker.destinations.has(record.topic) ? record.topic : (first ?? record.topic),
          };
        },
      }),
  ),
];

function reEncoded(payload: Message['payload']): Message['payload'] {
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.stringify(JSON.parse(payload));
  } catch {
    return payload;
  }
}
