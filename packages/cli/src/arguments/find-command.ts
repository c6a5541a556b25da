import { didYouMean } from '../nearest.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from './command.ts';

/** The command that the first words call, and what follows them. */
export interface FoundCommand {
  readonly command: Command;
  readonly rest: readonly string[];
}

const SEE_HELP = { advice: 'See: outrelay help' };

/** Finds the command that the arguments begin with; throws a `UsageError` that names the nearest one. */
export function findCommand(commands: readonly Command[], args: readonly string[]): FoundCommand {
  const [first = '', second = ''] = args;
  const single = commands.find(({ name }) => name === first);
  if (single !== undefined) return { command: single, rest: args.slice(1) };
  const group = groupOf(commands, first);
  if (group.length === 0) {
    if (first.startsWith('-')) {
      throw new UsageError(`Expected a command first; got the option "${first}".`, SEE_HELP);
    }
    const firstWords = [...new Set(commands.map(({ name }) => name.split(' ')[0] as string)), 'help'];
    throw new UsageError(`There is no command "${first}".${didYouMean(first, firstWords)}`, SEE_HELP);
  }
  const pair = group.find(({ name }) => name === `${first} ${second}`);
  if (pair !== undefined) return { command: pair, rest: args.slice(2) };
  const verbs = group.map(({ name }) => name.slice(first.length + 1));
  const came =
    second === '' || second.startsWith('-')
      ? `"outrelay ${first}" needs one of: ${verbs.join(', ')}.`
      : `"outrelay ${first}" has no "${second}".${didYouMean(second, verbs)} It has: ${verbs.join(', ')}.`;
  throw new UsageError(came, { advice: `See: outrelay help ${first}` });
}

/** The commands whose first word is `word`, when they have two. */
export function groupOf(commands: readonly Command[], word: string): readonly Command[] {
  return word === '' ? [] : commands.filter(({ name }) => name.startsWith(`${word} `));
}
