import { type Message, type OutboxError, type PublishResult, systemClock, WITHHELD } from '@outrelay/core';
import { Cancellation } from './cancellation.ts';
import { type Exchange, exchange, type Outgoing } from './client.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import {
  answeredResult,
  goneError,
  lostResult,
  unreachable,
  unroutedResult,
  unsignableResult,
  verdictOf,
} from './errors.ts';
import { excerpt } from './excerpt.ts';
import type { HttpOptions } from './options.ts';
import type { Origin } from './origin.ts';
import { attemptHeaders, type Composed, compose } from './request.ts';

/**
 * Sends messages, each as one request; messages of one topic and key one after the other, the rest side by side.
 *
 * Answers with one result per message. What was not sent is `withheld`: behind a message of its key that was not
 * accepted, after an abort, or when its endpoint turned out to be out of reach. When nothing at all was sent because
 * of the latter, it rejects with `TRANSPORT_UNAVAILABLE` instead.
 */
export async function publish(
  messages: readonly Message[],
  endpoints: Endpoints,
  options: HttpOptions,
  signal: AbortSignal,
): Promise<readonly PublishResult[]> {
  // Composed before anything is awaited: the caller's objects may change afterwards.
  const composed = messages.map((message) => compose(message, options.format, options.source));
  const results = messages.map(() => WITHHELD);
  const call = new Call(endpoints, options, new Cancellation(signal));
  const send = async (chain: readonly number[]): Promise<void> => {
    for (const at of chain) {
      const result = await call.deliver(composed[at] as Composed);
      results[at] = result;
      if (result.status !== 'accepted' && result.status !== 'duplicate') return;
    }
  };
  try {
    await Promise.all(chains(messages).map(send));
  } finally {
    call.cancellation.end();
  }
  if (call.unavailable !== null && results.every((result) => result === WITHHELD)) throw call.unavailable;
  return results;
}

/** The positions of messages that must follow each other, in order; a message without key stands alone. */
function chains(messages: readonly Message[]): readonly (readonly number[])[] {
  const all: number[][] = [];
  const byKey = new Map<string, number[]>();
  for (const [at, { topic, key }] of messages.entries()) {
    // Topics hold no control characters, so the name is unambiguous.
    const name = key === null ? null : `${topic}\0${key}`;
    const chain = name === null ? undefined : byKey.get(name);
    if (chain !== undefined) {
      chain.push(at);
      continue;
    }
    const begun = [at];
    all.push(begun);
    if (name !== null) byKey.set(name, begun);
  }
  return all;
}

/** What the messages of one call have in common. */
class Call {
  /** Why an endpoint took nothing, once one did not; the first reason. */
  unavailable: OutboxError | null = null;
  readonly cancellation: Cancellation;
  readonly #endpoints: Endpoints;
  readonly #options: HttpOptions;
  readonly #unreachable = new Set<Origin>();

  constructor(endpoints: Endpoints, options: HttpOptions, cancellation: Cancellation) {
    this.#endpoints = endpoints;
    this.#options = options;
    this.cancellation = cancellation;
  }

  async deliver(composed: Composed): Promise<PublishResult> {
    const endpoint = this.#endpoints.get(composed.topic);
    if (endpoint === undefined) return unroutedResult(composed.topic);
    if (this.#options.keys.length > 0 && composed.webhookId.includes('.')) return unsignableResult();
    const { origin } = endpoint;
    if (!(await origin.gate.enter(this.cancellation))) return WITHHELD;
    try {
      if (this.#unreachable.has(origin) || this.cancellation.cancelled) return WITHHELD;
      if (endpoint.gone) {
        this.unavailable ??= goneError(origin.name);
        return WITHHELD;
      }
      return this.#result(await this.#send(endpoint, composed), endpoint, composed);
    } finally {
      origin.gate.leave();
    }
  }

  async #send(endpoint: Endpoint, composed: Composed): Promise<Exchange> {
    const { timeoutMs } = this.#options;
    const begun = systemClock.monotonicMs();
    const first = await this.#attempt(endpoint, composed, false, timeoutMs);
    if (first.kind !== 'lost' || !first.stale || this.cancellation.cancelled) return first;
    // The server closed a kept-alive connection while the request was on its way, as every server does with idle
    // ones. It hardly ever read the request, and delivery is at least once: one more try, on a new connection.
    const restMs = Math.max(timeoutMs - (systemClock.monotonicMs() - begun), 0);
    const second = await this.#attempt(endpoint, composed, true, restMs);
    return second.kind === 'answered' || second.kind === 'lost' ? second : first;
  }

  #attempt(endpoint: Endpoint, composed: Composed, fresh: boolean, timeoutMs: number): Promise<Exchange> {
    const outgoing: Outgoing = {
      path: endpoint.path,
      headers: attemptHeaders(composed, endpoint.headers, this.#options.keys, Date.now()),
      body: composed.body,
    };
    return exchange(endpoint.origin, outgoing, fresh, { timeoutMs, cancellation: this.cancellation });
  }

  #result(ended: Exchange, endpoint: Endpoint, { body }: Composed): PublishResult {
    const { origin, confidential } = endpoint;
    if (ended.kind === 'answered') {
      if (verdictOf(ended.status) === 'gone') endpoint.gone = true;
      const readText = (): string => excerpt(ended.body, { body, texts: confidential });
      return answeredResult(ended, origin.name, readText, Date.now());
    }
    if (ended.kind === 'lost') return lostResult(origin.name, ended.error);
    if (ended.kind === 'unsent') {
      this.#unreachable.add(origin);
      this.unavailable ??= unreachable(origin.name, ended.error);
      return WITHHELD;
    }
    return ended.sent ? lostResult(origin.name, new Error('the call was aborted')) : WITHHELD;
  }
}
