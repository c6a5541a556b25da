import { SOURCE_OWNER } from './source-options.ts';
import { slotOf } from './slot.ts';

/** Names the stream of dead letters of a stream. */
export type DeadLetters = (stream: string) => string;

/**
 * Where rejected entries go: where the option says, or to the name of the stream followed by `.dead`. On a cluster that
 * has to be in the slot of the stream, because one script moves an entry: the default then has the name in braces.
 *
 * @throws TypeError when the option names a stream of another slot
 */
export function deadLettersOf(
  given: DeadLetters | null,
  streams: readonly string[],
  clustered: boolean,
): DeadLetters {
  if (!clustered) return given ?? plain;
  const name = given ?? besides;
  for (const stream of streams) {
    if (slotOf(name(stream)) === slotOf(stream)) continue;
    throw new TypeError(
      `${SOURCE_OWNER}: option "deadLetterStream" must name a stream in the slot of ${JSON.stringify(stream)} on a cluster; got ${JSON.stringify(name(stream))}. Give both names the same part in braces.`,
    );
  }
  return name;
}

function plain(stream: string): string {
  return `${stream}.dead`;
}

function besides(stream: string): string {
  return slotOf(plain(stream)) === slotOf(stream) ? plain(stream) : `{${stream}}.dead`;
}
