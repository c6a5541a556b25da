import { parseArgs } from 'node:util';
import { didYouMean } from '../nearest.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandShape } from './command.ts';
import type { Option, OptionTable } from './option.ts';

/** Arguments of one command, read and checked. */
export interface ParsedArguments {
  /** Whether the help was asked for; nothing else was checked then. */
  readonly help: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

/**
 * Reads the arguments of a command strictly: what is unknown, given twice or without its value is an error that says
 * what would be right.
 */
export function parseArguments(
  shape: CommandShape,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...args],
    options: parserOptions(shape.options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) {
    return { help: true, options: {}, positionals: [] };
  }
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind === 'option') collect(shape, token, given);
  }
  checkPositionals(shape, positionals);
  const options = Object.fromEntries(
    Object.entries(shape.options).map(([name, option]) => [
      name,
      optionValue(name, option, given.get(name), env),
    ]),
  );
  return { help: false, options, positionals };
}

function parserOptions(
  table: OptionTable,
): Record<string, { type: 'boolean' | 'string'; multiple: true; short?: string }> {
  const entries = Object.entries(table).map(([name, option]) => {
    const short = option.kind === 'flag' && option.short !== undefined ? { short: option.short } : {};
    return [name, { type: option.kind === 'flag' ? 'boolean' : 'string', multiple: true, ...short }] as const;
  });
  return { ...Object.fromEntries(entries), help: { type: 'boolean', multiple: true, short: 'h' } };
}

function collect(
  shape: CommandShape,
  token: Extract<Token, { kind: 'option' }>,
  given: Map<string, string[]>,
): void {
  const { name, rawName } = token;
  const option = Object.hasOwn(shape.options, name) ? shape.options[name] : undefined;
  if (option === undefined) {
    const guess = rawName.startsWith('--') ? didYouMean(name, Object.keys(shape.options), '--') : '';
    throw usage(shape, `"outrelay ${shape.name}" has no option "${rawName}".${guess}`);
  }
  const before = given.get(name);
  if (option.kind === 'flag') {
    if (token.value !== undefined) throw usage(shape, `--${name} takes no value; it is there or not.`);
    given.set(name, ['']);
    return;
  }
  // Without "=", what looks like the next option is one: a forgotten value must not swallow it.
  if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
    throw usage(shape, `--${name} needs a value: --${name} ${option.placeholder}.`);
  }
  if (before !== undefined && option.kind === 'value') {
    throw usage(shape, `--${name} is given twice; it takes one value.`);
  }
  given.set(name, [...(before ?? []), token.value]);
}

function optionValue(
  name: string,
  option: Option,
  texts: readonly string[] | undefined,
  env: NodeJS.ProcessEnv,
): unknown {
  if (option.kind === 'flag') return texts !== undefined;
  if (option.kind === 'list') return (texts ?? []).map((text) => option.read(text, `--${name}`));
  const [text] = texts ?? [];
  if (text !== undefined) return option.read(text, `--${name}`);
  const variable = option.env === undefined ? '' : (env[option.env] ?? '');
  return variable === '' ? undefined : option.read(variable, `The environment variable ${option.env}`);
}

function checkPositionals(shape: CommandShape, positionals: readonly string[]): void {
  const { placeholder, min, max } = shape.positionals ?? { placeholder: '', min: 0, max: 0 };
  if (positionals.length < min) throw usage(shape, `"outrelay ${shape.name}" needs ${placeholder}.`);
  if (positionals.length <= max) return;
  const extra = positionals[max];
  throw usage(
    shape,
    max === 0
      ? `"outrelay ${shape.name}" takes no arguments besides options; got "${extra}".`
      : `"outrelay ${shape.name}" takes ${placeholder} and nothing more; got "${extra}" too.`,
  );
}

function usage(shape: CommandShape, message: string): UsageError {
  return new UsageError(message, { advice: `See: outrelay help ${shape.name}` });
}
