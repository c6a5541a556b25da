import {
  ACCEPTED,
  DUPLICATE,
  type Message,
  OutboxError,
  type PublishResult,
  type Transport,
  type TransportCapabilities,
  WITHHELD,
} from '@outrelay/core';
import { type Answer, BROKER_LIMITS, type Broker, type BrokerRecord, type Connection } from './broker.ts';

const HEARTBEAT_MS = 20;

export const brokerCapabilities: TransportCapabilities = {
  batchOrder: 'key',
  confirmation: 'durable',
  deduplication: 'window',
  limits: BROKER_LIMITS,
};

/** How a transport speaks to its broker; broken ones replace a part. */
export interface Dialect {
  encode(message: Message): BrokerRecord;
  understand(answer: Answer): PublishResult;
  /** Whether later messages of a key are kept back after one that was not accepted. */
  readonly withholds: boolean;
}

export const honestDialect: Dialect = {
  encode: (message) => ({
    topic: message.topic,
    key: message.key,
    properties: { id: message.id, type: message.contentType, headers: JSON.stringify(message.headers) },
    body: message.payload === null ? null : Uint8Array.from(Buffer.from(message.payload as Uint8Array)),
    deduplicateBy: message.deduplicationId,
  }),
  understand(answer) {
    if (!('reason' in answer)) return answer.kind === 'stored' ? ACCEPTED : DUPLICATE;
    const { kind, reason } = answer;
    if (kind === 'refused')
      return {
        status: 'rejected',
        error: new OutboxError('TRANSPORT_REJECTED', `The broker refused it: ${reason}.`),
      };
    const error = new OutboxError('TRANSPORT_FAILED', `The broker did not take it: ${reason}.`);
    return answer.retryAfterMs === undefined
      ? { status: 'failed', error }
      : { status: 'failed', error, retryAfterMs: answer.retryAfterMs };
  },
  withholds: true,
};

/** An honest transport to a {@link Broker}: keys in order, other keys side by side, one connection. */
export function brokerTransport(broker: Broker, dialect: Dialect = honestDialect): Transport {
  let connection: Connection | null = null;
  const underWay = new Set<Promise<unknown>>();

  const connected = (): Connection => {
    if (connection?.alive === true) return connection;
    try {
      connection = broker.connect();
      return connection;
    } catch (cause) {
      throw new OutboxError('TRANSPORT_UNAVAILABLE', 'The broker cannot be reached.', { cause });
    }
  };

  const send = async (message: Message, via: Connection, silence: Promise<never>): Promise<PublishResult> => {
    try {
      const delivery = broker.deliver(via, message.id, dialect.encode(message));
      return dialect.understand(await Promise.race([delivery, silence]));
    } catch (cause) {
      const error = new OutboxError('TRANSPORT_OUTCOME_UNKNOWN', 'No answer came from the broker.', {
        cause,
      });
      return { status: 'unknown', error };
    }
  };

  const publish = async (messages: readonly Message[], signal: AbortSignal): Promise<PublishResult[]> => {
    const via = connected();
    const results: PublishResult[] = Array.from(messages, () => WITHHELD);
    const chains = new Map<string, number[]>();
    for (const [at, { topic, key }] of messages.entries()) {
      const name = key === null ? `#${at}` : `${topic}\0${key}`;
      chains.set(name, [...(chains.get(name) ?? []), at]);
    }
    const silence = noAnswer(broker, via, signal);
    await Promise.all(
      [...chains.values()].map(async (chain) => {
        for (const at of chain) {
          if (signal.aborted || !via.alive) break;
          const result = await send(messages[at] as Message, via, silence.rejection);
          results[at] = result;
          if (dialect.withholds && result.status !== 'accepted' && result.status !== 'duplicate') break;
        }
      }),
    );
    silence.end();
    return results;
  };

  return {
    spec: 1,
    name: 'broker lab',
    capabilities: { ...brokerCapabilities, batchOrder: dialect.withholds ? 'key' : 'none' },
    publish(messages, signal) {
      const call = publish(messages, signal);
      underWay.add(call);
      const done = (): void => void underWay.delete(call);
      call.then(done, done);
      return call;
    },
    async close() {
      await Promise.allSettled(underWay);
      connection = null;
    },
    connectivity: {
      async check() {
        connected();
      },
    },
  };
}

/** Rejects when the call is aborted, or when the connection no longer hears anything. */
function noAnswer(
  broker: Broker,
  connection: Connection,
  signal: AbortSignal,
): { rejection: Promise<never>; end(): void } {
  let end = (): void => {};
  const rejection = new Promise<never>((_resolve, reject) => {
    const abort = (): void => reject(new Error('the call was aborted'));
    const heartbeat = setInterval(() => {
      if (!broker.hears(connection)) reject(new Error('the heartbeat was not answered'));
    }, HEARTBEAT_MS);
    signal.addEventListener('abort', abort, { once: true });
    end = () => {
      clearInterval(heartbeat);
      signal.removeEventListener('abort', abort);
    };
  });
  rejection.catch(() => {});
  return { rejection, end };
}
