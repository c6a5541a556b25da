import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchArguments {
  readonly list: boolean;
  /** Parts of scenario names; empty for all. */
  readonly only: readonly string[];
  /** Instead of the scenarios' own; `null` for those. */
  readonly rounds: number | null;
  readonly messages: number | null;
  /** The file that the results are written to as JSON; `null` for none. */
  readonly json: string | null;
  /** A directory for CPU profiles of the contenders; `null` for none. */
  readonly profiles: string | null;
}

export const USAGE = `Usage: pnpm bench [options]

  --list             name the scenarios and end
  --only PART,PART   only scenarios whose name contains one of the parts
  --rounds N         rounds that count, instead of the scenario's own
  --messages N       messages per round, instead of the scenario's own
  --json FILE        write results to a file as well
  --profile DIR      write a CPU profile of every contender into a directory`;

/** Reads the command line; throws a `TypeError` that says what is wrong. */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      list: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      messages: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  return {
    list: values.list,
    only: values.only.split(',').filter((part) => part !== ''),
    rounds: count('--rounds', values.rounds),
    messages: count('--messages', values.messages),
    json: values.json ?? null,
    profiles: values.profile ?? null,
  };
}

function count(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`${name} must be a whole number above zero; got "${text}".`);
  return value;
}
