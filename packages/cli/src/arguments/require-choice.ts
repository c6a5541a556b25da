import { UsageError } from '../usage-error.ts';

/**
 * Refuses a change of everything that was not asked for by name, and one that was while a filter says otherwise.
 *
 * @param filter - what options and ids came to
 * @param all - whether `--all` was given
 * @param words - what is changed, what is done to it, and the command that lists it
 */
export function requireChoice(
  filter: object,
  all: boolean,
  { things, verb, list }: { readonly things: string; readonly verb: string; readonly list: string },
): void {
  const filtered = Object.values(filter).some((field) => field !== undefined);
  if (filtered && all) {
    const one = things.replace(/s$/, '');
    throw new UsageError(`--all means every ${one}; leave it out to choose by ids or filters.`);
  }
  if (!filtered && !all) {
    throw new UsageError(`Which ${things}? Give ids or a filter, or --all to ${verb} every one.`, {
      advice: `To see them: ${list}`,
    });
  }
}
