import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import type { OptionTable, OptionValues } from './option.ts';

/** What comes after the options. */
interface Positionals {
  /** For the usage line, for example `ID…`. */
  readonly placeholder: string;
  readonly min: number;
  readonly max: number;
}

/** Everything that the help says of a command and the parser needs to know. */
export interface CommandShape<O extends OptionTable = OptionTable> {
  /** The words that call it, for example `dead list`. */
  readonly name: string;
  /** One line, in the imperative. */
  readonly summary: string;
  /** What one has to know besides the options, paragraph by paragraph. */
  readonly details: readonly string[];
  readonly options: O;
  /** Default: none are taken. */
  readonly positionals?: Positionals | undefined;
  /** Command lines that work, without `outrelay`. */
  readonly examples: readonly string[];
  /** Whether it has to end in good order when whoever reads its output goes away. Default: it just ends. */
  readonly outlivesOutput?: boolean | undefined;
}

/** A command of `outrelay`. */
export interface Command extends CommandShape {
  /** Does the work; throws a `UsageError` or an `OutboxError` for what went wrong. */
  run(
    context: Context,
    options: Readonly<Record<string, unknown>>,
    positionals: readonly string[],
  ): Promise<ExitCode>;
}

/** A command whose work knows the types of its options. */
export interface TypedCommand<O extends OptionTable> extends CommandShape<O> {
  run(context: Context, options: OptionValues<O>, positionals: readonly string[]): Promise<ExitCode>;
}

/** Makes a command of its typed form: the parser fills the options by the same table that types them. */
export function command<O extends OptionTable>(typed: TypedCommand<O>): Command {
  return typed;
}
