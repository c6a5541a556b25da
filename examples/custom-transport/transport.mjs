import { setMaxListeners } from 'node:events';
import { ACCEPTED, OutboxError, WITHHELD } from '@outrelay/core';
import { Connection } from './connection.mjs';

/** @typedef {import('@outrelay/core').Message} Message */
/** @typedef {import('@outrelay/core').PublishResult} PublishResult */

/**
 * What this transport observably does; the suite holds it to every word.
 *
 * @type {import('@outrelay/core').TransportCapabilities}
 */
export const capabilities = {
  batchOrder: 'key',
  confirmation: 'received',
  deduplication: 'consumer',
  limits: { maxMessages: 500, maxBatchBytes: 8 * 1_048_576, maxPayloadBytes: 4 * 1_048_576 },
};

/**
 * Sends messages to a log server.
 *
 * @param {{ host?: string, port: number, answerMs?: number }} options `answerMs`: milliseconds to wait for an answer,
 *   10,000 by default
 * @returns {import('@outrelay/core').Transport}
 */
export function logTransport({ host = '127.0.0.1', port, answerMs = 10_000 }) {
  /** @type {Promise<Connection> | null} */
  let opening = null;
  /** @type {Set<Promise<unknown>>} */
  const calls = new Set();

  /** The connection that is there, or a new one. Nothing has been sent when this fails (T1.7). */
  async function connected() {
    const existing = await opening?.catch(() => null);
    if (existing?.usable) return existing;
    opening = Connection.open({ host, port, answerMs });
    try {
      return await opening;
    } catch (cause) {
      opening = null;
      throw new OutboxError('TRANSPORT_UNAVAILABLE', `The log server ${host}:${port} cannot be reached.`, {
        cause,
      });
    }
  }

  /**
   * @param {readonly Message[]} messages
   * @param {AbortSignal} signal
   */
  async function publish(messages, signal) {
    const connection = await connected();
    // One listener per message under way is no leak.
    setMaxListeners(0, signal);
    // What is not sent stays withheld (T3.3).
    /** @type {PublishResult[]} */
    const results = messages.map(() => WITHHELD);
    await Promise.all(
      chains(messages).map(async (chain) => {
        // One after the other within a key, side by side between keys: the next one is sent when the one before is there.
        for (const at of chain) {
          if (signal.aborted) return;
          const result = await send(connection, /** @type {Message} */ (messages[at]), signal);
          results[at] = result;
          if (result.status !== 'accepted') return;
        }
      }),
    );
    return results;
  }

  /**
   * @template T
   * @param {Promise<T>} call
   */
  async function tracked(call) {
    calls.add(call);
    try {
      return await call;
    } finally {
      calls.delete(call);
    }
  }

  return {
    spec: 1,
    name: 'log',
    capabilities,
    publish: (messages, signal) => tracked(publish(messages, signal)),
    async close() {
      await Promise.allSettled(calls);
      const connection = await opening?.catch(() => null);
      connection?.close();
    },
    connectivity: {
      async check() {
        await tracked(connected());
      },
    },
  };
}

/**
 * The places of messages by topic and key, each in order; a message without key is alone.
 *
 * @param {readonly Message[]} messages
 * @returns {number[][]}
 */
function chains(messages) {
  /** @type {Map<string, number[]>} */
  const byKey = new Map();
  for (const [at, { topic, key }] of messages.entries()) {
    const name = JSON.stringify(key === null ? at : [topic, key]);
    const chain = byKey.get(name);
    if (chain === undefined) byKey.set(name, [at]);
    else chain.push(at);
  }
  return [...byKey.values()];
}

/**
 * @param {Connection} connection
 * @param {Message} message
 * @param {AbortSignal} signal
 * @returns {Promise<PublishResult>}
 */
async function send(connection, message, signal) {
  const { id, topic, key, headers, contentType, payload } = message;
  const body = payload === null ? null : Buffer.from(payload).toString('base64');
  try {
    const answer = await connection.send({ id, topic, key, headers, contentType, body }, signal);
    if (answer.ok === true) return ACCEPTED;
    if (answer.refused !== undefined) {
      const error = new OutboxError('TRANSPORT_REJECTED', `The log server refused ${id}: ${answer.refused}.`);
      return { status: 'rejected', error };
    }
    const error = new OutboxError('TRANSPORT_FAILED', `The log server did not take ${id}: ${answer.busy}.`);
    return answer.waitMs === undefined
      ? { status: 'failed', error }
      : { status: 'failed', error, retryAfterMs: answer.waitMs };
  } catch (cause) {
    // It may be there: the relay sends it again under the same id (T1.6).
    const error = new OutboxError('TRANSPORT_OUTCOME_UNKNOWN', `No answer came for ${id}.`, { cause });
    return { status: 'unknown', error };
  }
}
