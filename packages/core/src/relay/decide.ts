import { errorText } from '../errors.ts';
import type { ClaimedMessage } from '../message.ts';
import type { DeadReason, DeadSettlement, RetrySettlement, Settlements } from '../store.ts';
import type { PublishResult } from '../transport.ts';
import type { TopicPolicies } from './policy.ts';
import { MAX_DELAY_MS, retryDelayMs } from './retry-policy.ts';

/** The longest error text that is stored with a message, in UTF-16 units. */
const MAX_ERROR_LENGTH = 2_000;

/** What the results of a batch come to, with the number of messages the broker had already. */
export interface Decision {
  readonly settlements: Settlements;
  readonly duplicates: number;
}

/**
 * Turns the results of a batch into settlements; pure, so that the whole outcome algebra can be read and tested here.
 *
 * | result | attempts left | none left |
 * | --- | --- | --- |
 * | accepted, duplicate | accepted | accepted |
 * | rejected | dead, `rejected` | dead, `rejected` |
 * | failed, unknown | retry after the policy's wait, or the broker's when longer | dead, `attempts-exhausted` |
 * | withheld | returned, uncharged | returned, uncharged |
 */
export function decide(
  messages: readonly ClaimedMessage[],
  results: readonly PublishResult[],
  policies: TopicPolicies,
  unit: () => number,
): Decision {
  if (results.every((result) => result.status === 'accepted')) {
    return { settlements: { accepted: messages, retry: [], dead: [], returned: [] }, duplicates: 0 };
  }
  const accepted: ClaimedMessage[] = [];
  const retry: RetrySettlement[] = [];
  const dead: DeadSettlement[] = [];
  const returned: ClaimedMessage[] = [];
  let duplicates = 0;
  for (const [index, message] of messages.entries()) {
    const result = results[index] as PublishResult;
    if (result.status === 'accepted') {
      accepted.push(message);
    } else if (result.status === 'duplicate') {
      accepted.push(message);
      duplicates++;
    } else if (result.status === 'withheld') {
      returned.push(message);
    } else if (result.status === 'rejected') {
      dead.push(deadLetter(message, 'rejected', result.error, policies));
    } else {
      const policy = policies.of(message.topic);
      if (message.attempt >= policy.retry.maxAttempts) {
        dead.push(deadLetter(message, 'attempts-exhausted', result.error, policies));
      } else {
        const delayMs = Math.max(askedMs(result), retryDelayMs(policy.retry, message.attempt, unit()));
        retry.push({ message, delayMs, error: storedError(result.error) });
      }
    }
  }
  return { settlements: { accepted, retry, dead, returned }, duplicates };
}

/** The wait that the broker asked for, within what a database can add to a time. */
function askedMs(result: PublishResult): number {
  if (result.status !== 'failed' || result.retryAfterMs === undefined) return 0;
  return result.retryAfterMs > 0 ? Math.min(MAX_DELAY_MS, Math.ceil(result.retryAfterMs)) : 0;
}

/** Messages that must not be published, and those that may. */
export interface Triage {
  readonly sendable: readonly ClaimedMessage[];
  readonly dead: readonly DeadSettlement[];
  /** Later messages of a key whose dead letter blocks it. */
  readonly returned: readonly ClaimedMessage[];
}

/**
 * Takes out what is dead before any attempt: rows that cannot be decoded, and messages whose attempts are used up,
 * which happens when attempts end with the process and not with an answer.
 */
export function triage(messages: readonly ClaimedMessage[], policies: TopicPolicies): Triage {
  // A first attempt is always allowed, so that most messages need no look at their policy.
  const isDead = ({ undecodable, attempt, topic }: ClaimedMessage): boolean =>
    undecodable !== null || (attempt > 1 && attempt > policies.of(topic).retry.maxAttempts);
  if (!messages.some(isDead)) return { sendable: messages, dead: [], returned: [] };
  const sendable: ClaimedMessage[] = [];
  const dead: DeadSettlement[] = [];
  const returned: ClaimedMessage[] = [];
  const blocked = new Set<string>();
  for (const message of messages) {
    const key = message.key === null ? null : `${message.topic}\0${message.key}`;
    if (key !== null && blocked.has(key)) {
      returned.push(message);
    } else if (!isDead(message)) {
      sendable.push(message);
    } else {
      const letter =
        message.undecodable === null
          ? deadLetter(message, 'attempts-exhausted', EXHAUSTED_UNANSWERED, policies)
          : deadLetter(message, 'undecodable', message.undecodable, policies);
      dead.push(letter);
      if (key !== null && letter.block) blocked.add(key);
    }
  }
  return { sendable, dead, returned };
}

const EXHAUSTED_UNANSWERED =
  'Every attempt ended without an outcome, as when the message brings the relay process down; it was not sent again.';

function deadLetter(
  message: ClaimedMessage,
  reason: DeadReason,
  error: unknown,
  policies: TopicPolicies,
): DeadSettlement {
  const block = message.key !== null && policies.of(message.topic).onDead === 'block';
  return { message, reason, error: storedError(error), block };
}

/** An error text that every database takes: bounded, without NUL and lone surrogates. */
export function storedError(error: unknown): string {
  return errorText(error).slice(0, MAX_ERROR_LENGTH).replaceAll('\0', '').toWellFormed();
}
