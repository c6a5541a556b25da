import {
  ACCEPTED,
  cloudEventJson,
  errorText,
  type Message,
  type PublishResult,
  WITHHELD,
} from '@outrelay/core';
import type { LineOutput } from './client.ts';
import { lineUnknown, streamBroken, tookNothing } from './errors.ts';

/**
 * Writes messages as lines, one after the other, each only after the stream has passed on the one before.
 *
 * Answers with one result per message. After an abort, or when the stream breaks, the rest is `withheld`; when it had
 * broken before, or takes nothing of the first message, rejects with `TRANSPORT_UNAVAILABLE` instead.
 */
export async function publish(
  messages: readonly Message[],
  output: LineOutput,
  source: string,
  signal: AbortSignal,
): Promise<readonly PublishResult[]> {
  // Encoded before anything is awaited: the caller's objects may change afterwards.
  const lines = messages.map((message) => `${cloudEventJson(message, source)}\n`);
  const results = messages.map(() => WITHHELD);
  for (const [at, line] of lines.entries()) {
    if (signal.aborted) return results;
    const { broken } = output;
    if (broken !== null) {
      if (at === 0) throw streamBroken(broken);
      return results;
    }
    const outcome = await output.write(line, signal);
    if (outcome.kind === 'aborted') {
      results[at] = lineUnknown('the call was aborted while the stream held it');
      return results;
    }
    if (outcome.kind === 'broken') {
      if (!tookNothing(outcome.error)) results[at] = lineUnknown(errorText(outcome.error), outcome.error);
      else if (at === 0) throw streamBroken(outcome.error);
      return results;
    }
    results[at] = ACCEPTED;
  }
  return results;
}
