import { type Message, type PublishResult, WITHHELD } from '@outrelay/core';
import { Call } from './call.ts';
import { Cancellation } from './cancellation.ts';
import { toEntry } from './entry.ts';
import { Line } from './line.ts';
import type { RedisSettings } from './options.ts';
import type { CommandWriter } from './script.ts';
import type { Servers } from './servers.ts';

/**
 * Sends messages: per stream in chunks, one after the other, each stored up to the first message that is refused;
 * the streams side by side, with one write per server and round.
 *
 * Answers with one result per message. What was not sent is `withheld`: behind a message of its key that was not
 * accepted, after an abort, behind a chunk whose outcome is unknown, and when the broker turned out to serve nobody.
 * When nothing at all was stored, or may have been, because of the latter, it rejects with `TRANSPORT_UNAVAILABLE`.
 */
export async function publish(
  messages: readonly Message[],
  servers: Servers,
  writer: CommandWriter,
  settings: RedisSettings,
  signal: AbortSignal,
): Promise<readonly PublishResult[]> {
  const results = messages.map((): PublishResult => WITHHELD);
  // Before anything is awaited: the caller's objects may change afterwards.
  let lines = sortByStream(messages, results, settings);
  const call = new Call(servers, writer, settings, new Cancellation(signal));
  try {
    while (lines.length > 0 && !call.isOver) {
      const groups = await call.place(lines);
      await Promise.all(groups.map((group) => call.round(group)));
      lines = lines.filter((line) => line.hasMore);
    }
  } finally {
    call.cancellation.end();
  }
  // A shard that could not be reached is no news when the whole cluster is down.
  const nothing = results.every(({ status }) => status === 'withheld' || status === 'failed');
  if (call.unavailable !== null && nothing) throw call.unavailable;
  return results;
}

function sortByStream(
  messages: readonly Message[],
  results: PublishResult[],
  { nameStream }: RedisSettings,
): readonly Line[] {
  const lines = new Map<string, Line>();
  const unnamed = new Map<string, Set<string | null>>();
  for (const [at, message] of messages.entries()) {
    try {
      const stream = nameStream(message.topic);
      const line = lines.get(stream) ?? new Line(stream, results);
      lines.set(stream, line);
      line.add(toEntry(message, at));
    } catch (error) {
      const keys = unnamed.get(message.topic) ?? new Set();
      unnamed.set(message.topic, keys);
      if (message.key === null || !keys.has(message.key)) results[at] = { status: 'failed', error };
      keys.add(message.key);
    }
  }
  return [...lines.values()];
}
