import type { Clock } from '../clock.ts';
import { isOutboxError, OutboxError } from '../errors.ts';
import { type ClaimedMessage, payloadBytes } from '../message.ts';
import { type PublishResult, type Transport, WITHHELD } from '../transport.ts';
import { limitSignal } from './abort.ts';
import { BlockedKeys } from './blocked-keys.ts';
import { untilAborted } from './patience.ts';

/** What became of the messages given to one transport. */
export interface Published {
  /** One result per message, in order. */
  readonly results: readonly PublishResult[];
  /** Set when the broker could not be reached; messages that were not sent for that reason are `withheld`. */
  readonly unavailable: OutboxError | null;
  /** Whether a call failed as a whole, with several messages in it: one of them may be the cause. */
  readonly collateral: boolean;
}

/** What bounds the publishing of one batch. */
export interface PublishScope {
  /** End every call when one of them aborts. */
  readonly signals: readonly AbortSignal[];
  readonly clock: Clock;
  /** Milliseconds that one call may take; after a longer one no other begins. */
  readonly timeoutMs: number;
  /** Whether a further call may begin. Asks the clock: in a process that was stuck, timers and signals are late. */
  mayBegin(): boolean;
  /** Whether messages that failed before go in calls of their own, so that none fails for its neighbour again. */
  readonly retriesAlone: boolean;
}

/**
 * Publishes messages through one transport, within its limits and with the order per key kept.
 *
 * After a message that was not accepted no later one of its topic and key is sent: the transport promises that inside
 * a call (`batchOrder: 'key'`), this function between calls. A transport without that promise never gets two messages
 * of one key in one call.
 */
export async function publishAll(
  transport: Transport,
  messages: readonly ClaimedMessage[],
  scope: PublishScope,
): Promise<Published> {
  const alone = (message: ClaimedMessage): boolean => scope.retriesAlone && message.attempt > 1;
  if (fitsOneCall(transport, messages, alone)) {
    if (!scope.mayBegin()) return { ...NOTHING, results: messages.map(() => WITHHELD) };
    const { silent: _, ...published } = await callTransport(transport, messages, scope);
    return published;
  }
  const sizes = messages.map((message) => payloadBytes(message.payload));
  const results = new Array<PublishResult>(messages.length).fill(WITHHELD);
  const ended = await publishInCalls(transport, messages, sizes, alone, results, scope);
  rejectTooLarge(transport, messages, sizes, results);
  return { ...ended, results };
}

const NOTHING: Omit<Published, 'results'> = { unavailable: null, collateral: false };

/** Publishes call by call into `results`, until the broker cannot be reached or does not answer in time. */
async function publishInCalls(
  transport: Transport,
  messages: readonly ClaimedMessage[],
  sizes: readonly number[],
  alone: (message: ClaimedMessage) => boolean,
  results: PublishResult[],
  scope: PublishScope,
): Promise<Omit<Published, 'results'>> {
  let collateral = false;
  const blocked = new BlockedKeys();
  for (const round of roundsOf(transport, messages, sizes, blocked)) {
    let from = 0;
    while (from < round.length && scope.mayBegin()) {
      const call: number[] = [];
      from = fillCall(transport, messages, sizes, alone, round, from, blocked, call);
      if (call.length === 0) break;
      const part = call.map((index) => messages[index] as ClaimedMessage);
      const published = await callTransport(transport, part, scope);
      collateral ||= published.collateral;
      for (const [at, index] of call.entries()) {
        const answer = published.results[at] as PublishResult;
        results[index] = answer;
        if (!isStored(answer)) blocked.block(messages[index] as ClaimedMessage, index);
      }
      const { unavailable, silent } = published;
      if (unavailable !== null || silent) return { unavailable, collateral };
    }
  }
  return { unavailable: null, collateral };
}

/** Whether the broker has the message. */
export function isStored(
  result: PublishResult,
): result is Extract<PublishResult, { status: 'accepted' | 'duplicate' }> {
  return result.status === 'accepted' || result.status === 'duplicate';
}

function fitsOneCall(
  transport: Transport,
  messages: readonly ClaimedMessage[],
  alone: (message: ClaimedMessage) => boolean,
): boolean {
  const { batchOrder, limits } = transport.capabilities;
  if (messages.length === 1)
    return payloadBytes((messages[0] as ClaimedMessage).payload) <= limits.maxPayloadBytes;
  if (batchOrder === 'none' || messages.length > limits.maxMessages) return false;
  let total = 0;
  for (const message of messages) {
    const bytes = payloadBytes(message.payload);
    total += bytes;
    if (bytes > limits.maxPayloadBytes || total > limits.maxBatchBytes || alone(message)) return false;
  }
  return true;
}

/** Rejects messages above the transport's limit, each when everything before it in its key has been taken. */
function rejectTooLarge(
  transport: Transport,
  messages: readonly ClaimedMessage[],
  sizes: readonly number[],
  results: PublishResult[],
): void {
  const { maxPayloadBytes } = transport.capabilities.limits;
  const stopped = new BlockedKeys();
  for (const [index, message] of messages.entries()) {
    const bytes = sizes[index] as number;
    if (bytes > maxPayloadBytes && !stopped.has(message, index)) {
      const text = `The payload has ${bytes} bytes; the transport "${transport.name}" takes ${maxPayloadBytes}.`;
      results[index] = { status: 'rejected', error: new OutboxError('MESSAGE_TOO_LARGE', text) };
    }
    if (!isStored(results[index] as PublishResult)) stopped.block(message, index);
  }
}

/**
 * Divides what can be sent into rounds, so that no call of a round may hold two messages that must not be in one call:
 * with `batchOrder: 'none'` the first message of every key, then the second of every key, and so on. What is too large
 * is in no round and stops its key.
 */
function roundsOf(
  transport: Transport,
  messages: readonly ClaimedMessage[],
  sizes: readonly number[],
  blocked: BlockedKeys,
): readonly (readonly number[])[] {
  const { batchOrder, limits } = transport.capabilities;
  const rounds: number[][] = [];
  const seen = new Map<string, number>();
  for (const [index, message] of messages.entries()) {
    if ((sizes[index] as number) > limits.maxPayloadBytes) {
      blocked.block(message, index);
      continue;
    }
    let round = 0;
    if (batchOrder === 'none' && message.key !== null) {
      const name = `${message.topic}\0${message.key}`;
      round = seen.get(name) ?? 0;
      seen.set(name, round + 1);
    }
    (rounds[round] ??= []).push(index);
  }
  return rounds;
}

/** Puts what one call may hold into `call`, beginning at `from`; answers with where the next call begins. */
function fillCall(
  transport: Transport,
  messages: readonly ClaimedMessage[],
  sizes: readonly number[],
  alone: (message: ClaimedMessage) => boolean,
  round: readonly number[],
  from: number,
  blocked: BlockedKeys,
  call: number[],
): number {
  const { maxMessages, maxBatchBytes } = transport.capabilities.limits;
  let bytes = 0;
  for (let at = from; at < round.length; at++) {
    const index = round[at] as number;
    const message = messages[index] as ClaimedMessage;
    if (blocked.has(message, index)) continue;
    bytes += sizes[index] as number;
    if (call.length >= maxMessages || (call.length > 0 && (bytes > maxBatchBytes || alone(message))))
      return at;
    call.push(index);
    if (alone(message)) return at + 1;
  }
  return round.length;
}

/** What became of one call, and whether its time was up before the answer. */
type Called = Published & { readonly silent: boolean };

async function callTransport(
  transport: Transport,
  messages: readonly ClaimedMessage[],
  { signals, clock, timeoutMs }: PublishScope,
): Promise<Called> {
  const limit = limitSignal(signals, clock, timeoutMs);
  const { signal } = limit;
  try {
    const results = await untilAborted(transport.publish(messages, signal), signal, clock);
    return { ...NOTHING, results, silent: signal.aborted };
  } catch (error) {
    const silent = signal.aborted;
    if (isUnavailable(error)) {
      return { results: messages.map(() => WITHHELD), unavailable: error, collateral: false, silent };
    }
    const result: PublishResult = { status: 'unknown', error };
    const collateral = messages.length > 1;
    return { results: messages.map(() => result), unavailable: null, collateral, silent };
  } finally {
    limit.end();
  }
}

function isUnavailable(error: unknown): error is OutboxError {
  return (
    isOutboxError(error) && (error.code === 'TRANSPORT_UNAVAILABLE' || error.code === 'TRANSPORT_CLOSED')
  );
}
