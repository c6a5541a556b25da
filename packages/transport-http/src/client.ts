import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { systemClock } from '@outrelay/core';
import type { Cancellation } from './cancellation.ts';
import type { Origin } from './origin.ts';

/** One request as it goes out. */
export interface Outgoing {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer: once its status line has come, nothing that happens to the rest of it changes the outcome. */
export interface Answer {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The beginning of the body, for error texts. */
  readonly body: Buffer;
}

/**
 * How a request ended.
 *
 * - `answered`: with a status.
 * - `unsent`: without a connection, so nothing of it has left the process.
 * - `lost`: without an answer, after it may have been sent; `stale` when the connection had been used before and was
 *   closed without a byte of an answer.
 * - `cancelled`: by the caller.
 */
export type Exchange =
  | Answer
  | { readonly kind: 'unsent'; readonly error: Error }
  | { readonly kind: 'lost'; readonly error: Error; readonly stale: boolean }
  | { readonly kind: 'cancelled'; readonly sent: boolean };

/** Limits of one request. */
export interface ExchangeLimits {
  readonly timeoutMs: number;
  readonly cancellation: Cancellation;
}

/** Bytes of a body that are kept, and bytes that are read to save the connection before it is given up. */
const KEPT_BYTES = 2048;
const DRAINED_BYTES = 65_536;

/** Sends one request and resolves with how it ended; never rejects. */
export function exchange(
  origin: Origin,
  outgoing: Outgoing,
  fresh: boolean,
  limits: ExchangeLimits,
): Promise<Exchange> {
  const { timeoutMs, cancellation } = limits;
  return new Promise((resolve) => {
    const request = origin.post(outgoing.path, outgoing.headers, fresh);
    let sent = false;
    let answer: (() => Answer) | null = null;
    let open = true;

    const finish = (outcome: Exchange): void => {
      if (!open) return;
      open = false;
      stopTimer();
      forget();
      resolve(answer === null ? outcome : answer());
    };
    const giveUp = (outcome: Exchange): void => {
      finish(outcome);
      request.destroy();
    };
    const fail = (error: Error, stale: boolean): void =>
      giveUp(sent ? { kind: 'lost', error, stale } : { kind: 'unsent', error });

    const stopTimer = systemClock.setTimer(timeoutMs, () =>
      fail(new Error(`no answer within ${timeoutMs} ms`), false),
    );
    const forget = cancellation.onCancel(() => giveUp({ kind: 'cancelled', sent }));

    request.once('socket', (socket) => {
      if (request.reusedSocket) sent = true;
      else {
        socket.once(origin.secure ? 'secureConnect' : 'connect', () => {
          sent = true;
        });
      }
    });
    request.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const kept = readBody(response, (complete) => {
        // A server may answer before it has read the request; then the connection cannot be used again.
        if (complete && request.writableFinished) finish(answered());
        else giveUp(answered());
      });
      const answered = (): Answer => ({ kind: 'answered', status, headers, body: kept() });
      answer = answered;
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      fail(error, request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')),
    );
    // After every other event; alone when the server switched protocols, which nobody asked it to.
    request.once('close', () => fail(new Error('the connection was closed without an answer'), false));
    request.end(outgoing.body);
  });
}

/**
 * Reads a response to its end, or as far as it is worth it, and calls back exactly once; the returned function gives
 * what was kept of the body so far.
 */
function readBody(response: IncomingMessage, done: (complete: boolean) => void): () => Buffer {
  const kept: Buffer[] = [];
  let bytes = 0;
  let open = true;
  const end = (complete: boolean): void => {
    if (!open) return;
    open = false;
    done(complete);
  };
  response.on('data', (chunk: Buffer) => {
    if (bytes < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - bytes));
    bytes += chunk.length;
    if (bytes > DRAINED_BYTES) end(false);
  });
  response.once('end', () => end(true));
  response.on('error', () => end(false));
  response.once('close', () => end(false));
  return () => Buffer.concat(kept);
}
