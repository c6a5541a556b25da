import { OutboxError } from '@outrelay/core';
import type { Reply } from './client.ts';
import { causeText, type Refusal, readRefusal, readScriptRefusal, unanswered } from './errors.ts';

/** Where a cluster says a slot is; `null` when it names no address. */
export interface Redirect {
  readonly address: string | null;
  /** For this once, because the slot is on the move; else from now on. */
  readonly once: boolean;
}

/**
 * What became of a chunk.
 *
 * - `stored`: all of it.
 * - `refused`: its first `stored` entries are, the next was refused, those behind were not tried.
 * - `redirected`: nothing of it is; another node has the slot.
 * - `skipped`: nothing of it is, because the connection was ended over a chunk before it.
 * - `unknown`: all or nothing of it, nobody knows.
 */
export type Outcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused'; readonly stored: number; readonly refusal: Refusal }
  | { readonly kind: 'redirected'; readonly redirect: Redirect; readonly error: OutboxError }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'unknown'; readonly error: OutboxError };

/** Reads the replies to the chunks of one exchange; `sizes` are the numbers of entries in the chunks. */
export function readOutcomes(
  replies: readonly Reply[],
  sizes: readonly number[],
  server: string,
): readonly Outcome[] {
  let ended = false;
  return sizes.map((size, at) => {
    const reply = replies[at] ?? [new Error('there are fewer replies than commands')];
    // After an error in the protocol the server reads no further.
    if (ended) return { kind: 'skipped' };
    if (isProtocolError(reply[0])) ended = true;
    return readOutcome(reply, size, server);
  });
}

/** Whether the server closes the connection behind this reply. */
export function isProtocolError(error: Error | null): boolean {
  return error !== null && isReply(error) && error.message.startsWith('ERR Protocol error');
}

function readOutcome([error, value]: Reply, size: number, server: string): Outcome {
  if (error !== null) {
    if (!isReply(error)) return { kind: 'unknown', error: unanswered(server, error) };
    const refusal = readRefusal(error.message, server);
    const redirect = readRedirect(error.message);
    if (refusal !== null && redirect !== null) return { kind: 'redirected', redirect, error: refusal.error };
    // Of a chunk that was refused as a whole nobody can say which entry is to blame.
    const ofMany = size > 1 && refusal?.scope === 'message';
    if (refusal !== null && !ofMany) return { kind: 'refused', stored: 0, refusal };
    const text = `${server} answered ${JSON.stringify(causeText(error))}, which does not tell what was stored`;
    return { kind: 'unknown', error: new OutboxError('TRANSPORT_OUTCOME_UNKNOWN', text) };
  }
  // The id of a single entry, or the number that the script counted (a text with ioredis' "stringNumbers").
  if (size === 1 ? typeof value === 'string' : Number(value) === size) return { kind: 'stored' };
  if (Array.isArray(value) && value.length === 2 && Number(value[0]) < size) {
    const refusal = readScriptRefusal(String(value[1]), server);
    return { kind: 'refused', stored: Number(value[0]), refusal };
  }
  return { kind: 'unknown', error: unanswered(server, 'the reply was not understood') };
}

/** Errors that Redis sent have this name in every version of ioredis; those of a lost connection have others. */
export function isReply(error: Error): boolean {
  return error.name === 'ReplyError';
}

/** Reads `MOVED 3999 127.0.0.1:6381` and `ASK …`; a node that does not know its name leaves the host out. */
export function readRedirect(text: string): Redirect | null {
  const parts = /^(?<kind>MOVED|ASK) \d+ (?<host>\S*):(?<port>\d+)/.exec(text)?.groups;
  if (parts === undefined) return null;
  const { kind, host, port } = parts;
  return { address: host === '' || host === '?' ? null : `${host}:${port}`, once: kind === 'ASK' };
}
