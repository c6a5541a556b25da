import type { BrokerAccess, Provocation, ReceivedMessage, TransportHarness } from '@outrelay/conformance';
import type { Transport, TransportCapabilities } from '@outrelay/core';
import { Broker, type BrokerRecord, type Treatment } from './broker.ts';
import { brokerCapabilities, brokerTransport, type Dialect, honestDialect } from './broker-transport.ts';

/** Makes the transport of each connection out of the honest one. */
export type MutateTransport = (broker: Broker) => (transport: Transport) => Transport;

interface BrokerLab extends BrokerAccess {
  readonly broker: Broker;
}

export const SECRET = 'hunter2-of-the-broker';

let ids = 0;
let records = 0;

async function treat({ broker }: BrokerLab, treatment: Treatment): Promise<Provocation> {
  const id = `treated-${++ids}`;
  const lift = broker.treat(id, treatment);
  return { message: { id }, scope: 'message', lift: async () => lift() };
}

/** Declares that nobody drops duplicates, and the broker sees none. */
export const forgetful: { readonly dialect: Dialect; readonly manifest: Partial<TransportCapabilities> } = {
  dialect: {
    ...honestDialect,
    encode: (message) => ({ ...honestDialect.encode(message), deduplicateBy: `record ${++records}` }),
  },
  manifest: { deduplication: 'consumer' },
};

/** The harness of the model broker; `mutate` and `dialect` break the transports to it. */
export function brokerHarness(
  mutate: MutateTransport = () => (transport) => transport,
  dialect: Dialect = honestDialect,
  manifest: Partial<TransportCapabilities> = {},
): TransportHarness<BrokerLab> {
  const capabilities = {
    ...brokerCapabilities,
    batchOrder: dialect.withholds ? 'key' : 'none',
    ...manifest,
  } as const;
  return {
    kind: 'transport',
    name: 'broker lab',
    capabilities,
    facets: ['connectivity'],
    manyMessages: 300,
    waits: { patienceMs: 60, quietMs: 5, clauseMs: 1_000 },
    async open() {
      const broker = new Broker();
      const change = mutate(broker);
      let count = 0;
      return {
        broker,
        connect: () => change({ ...brokerTransport(broker, dialect), capabilities }),
        async destination(label) {
          const topic = `${label}.${++count}`;
          broker.destinations.add(topic);
          return topic;
        },
        received: async () => broker.log.map(received),
        remove: async () => broker.stop(),
      };
    },
    powers: {
      provokeRejection: (lab) => treat(lab, 'refuse'),
      provokeFailure: (lab) => treat(lab, 'fail'),
      provokeThrottling(lab, _topic, retryAfterMs) {
        lab.broker.retryAfterMs = retryAfterMs;
        return treat(lab, 'throttle');
      },
      provokeSilence: (lab) => treat(lab, 'silence'),
      provokeHang: (lab) => treat(lab, 'hang'),
      async stopBroker({ broker }) {
        broker.stop();
        return async () => {
          broker.up = true;
        };
      },
      killBroker: ({ broker }) => broker.kill(),
      async freezeConnections({ broker }) {
        broker.freeze();
        return async () => broker.thaw();
      },
      noticesDeathWithinMs: 100,
      missingDestination: async () => 'nowhere',
      secrets: [SECRET],
      reservedHeaders: ['id', 'type', 'headers'],
    },
  };
}

/** What a consumer makes of a record. */
function received({ topic, key, properties, body }: BrokerRecord): ReceivedMessage {
  const { id = '', type = '', headers, ...rest } = properties;
  return {
    id,
    topic,
    key,
    headers: headers === undefined ? rest : (JSON.parse(headers) as Record<string, string>),
    payload: body,
    contentType: type,
  };
}
