import { STATUS_CODES } from 'node:http';
import { ACCEPTED, DUPLICATE, errorText, OutboxError, type PublishResult } from '@outrelay/core';
import type { Answer } from './client.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * What an HTTP status says of the message:
 *
 * - `accepted`: 2xx.
 * - `duplicate`: 409.
 * - `failed`: 3xx, which is never followed; 408, 425, 429 and 5xx; a status outside the known classes.
 * - `gone`: 410, the endpoint wants no more messages at all.
 * - `rejected`: every other 4xx.
 */
export type Verdict = 'accepted' | 'duplicate' | 'failed' | 'gone' | 'rejected';

/** The verdict on a status; see {@link Verdict}. */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status <= 299) return 'accepted';
  if (status === 409) return 'duplicate';
  if (status === 410) return 'gone';
  if (status === 408 || status === 425 || status === 429) return 'failed';
  return status >= 400 && status <= 499 ? 'rejected' : 'failed';
}

/**
 * The result of an answered request.
 *
 * @param origin - names the endpoint in error texts; its path is not shown
 * @param readText - the piece of the response that may be shown; empty for none
 */
export function answeredResult(
  answer: Answer,
  origin: string,
  readText: () => string,
  nowMs: number,
): PublishResult {
  const verdict = verdictOf(answer.status);
  if (verdict === 'accepted') return ACCEPTED;
  if (verdict === 'duplicate') return DUPLICATE;
  const text = readText();
  const said = `${origin} answered ${statusText(answer.status)}${text === '' ? '' : `: ${text}`}`;
  if (verdict === 'rejected') {
    return { status: 'rejected', error: new OutboxError('TRANSPORT_REJECTED', said) };
  }
  const hint =
    verdict === 'gone'
      ? ' (it wants no more messages; create the transport anew to try it again)'
      : answer.status >= 300 && answer.status <= 399
        ? ' (redirects are not followed; configure the new URL)'
        : '';
  return {
    status: 'failed',
    error: new OutboxError('TRANSPORT_FAILED', `${said}${hint}`),
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], answer.headers.date, nowMs),
  };
}

/** The result of a request that may have arrived, but was not answered. */
export function lostResult(origin: string, cause: unknown): PublishResult {
  const error = new OutboxError(
    'TRANSPORT_OUTCOME_UNKNOWN',
    `${origin} gave no answer to a request that was sent: ${errorText(cause)}`,
    { cause },
  );
  return { status: 'unknown', error };
}

/** The error for an origin that no connection can be opened to. */
export function unreachable(origin: string, cause: unknown): OutboxError {
  return new OutboxError('TRANSPORT_UNAVAILABLE', `${origin} cannot be reached: ${errorText(cause)}`, {
    cause,
  });
}

/** The error for an endpoint that answered 410 before. */
export function goneError(origin: string): OutboxError {
  return new OutboxError(
    'TRANSPORT_UNAVAILABLE',
    `${origin} answered 410 Gone to an earlier message, so no more are sent. Remove the endpoint, or create the transport anew to try it again.`,
    { retryable: false },
  );
}

/** The result of a message whose topic no URL covers. Another process may know the URL already, so it is retried. */
export function unroutedResult(topic: string): PublishResult {
  const error = new OutboxError(
    'TRANSPORT_FAILED',
    `No URL is configured for the topic ${JSON.stringify(topic)}: add it to the option "urls", or give "url".`,
  );
  return { status: 'failed', error };
}

/** The result of a message whose id Standard Webhooks does not allow in what is signed. */
export function unsignableResult(): PublishResult {
  const error = new OutboxError(
    'TRANSPORT_REJECTED',
    'The message cannot be signed: its id holds a full stop, which Standard Webhooks does not allow. Leave the id out to get a UUIDv7, or send without a secret.',
  );
  return { status: 'rejected', error };
}

/** The error for a request that is not an acceptable message; the reason never holds the payload. */
export function invalidMessage(reason: string): OutboxError {
  return new OutboxError('MESSAGE_INVALID', `The request is not an acceptable message: ${reason}.`);
}

/** The error for a request that may be of somebody else; the reason never holds a secret or a signature. */
export function invalidSignature(reason: string): OutboxError {
  return new OutboxError('SIGNATURE_INVALID', `The request is not known to be of the sender: ${reason}.`);
}

function statusText(status: number): string {
  const reason = STATUS_CODES[status];
  return reason === undefined ? String(status) : `${status} ${reason}`;
}
