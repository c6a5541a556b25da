/** Turns the text of an option into its value; throws a `UsageError` that says what was expected. */
export type Reader<T> = (text: string, name: string) => T;

/** An option that is there or not. */
export interface FlagOption {
  readonly kind: 'flag';
  readonly short?: string | undefined;
  readonly description: string;
}

/** An option with a value, given at most once. */
export interface ValueOption<T> {
  readonly kind: 'value';
  /** What the value is, in capitals, for the help. */
  readonly placeholder: string;
  readonly description: string;
  readonly read: Reader<T>;
  /** The environment variable that is read when the option is absent. Default: none. */
  readonly env?: string | undefined;
}

/** An option with a value that may be given several times. */
export interface ListOption<T> {
  readonly kind: 'list';
  readonly placeholder: string;
  readonly description: string;
  readonly read: Reader<T>;
}

/** Any kind of option. */
export type Option = FlagOption | ValueOption<unknown> | ListOption<unknown>;
/** The options of a command by name, without the dashes, in the order of the help. */
export type OptionTable = Readonly<Record<string, Option>>;

/** What the options of a table come to: absent flags are `false`, absent values `undefined`, absent lists empty. */
export type OptionValues<O extends OptionTable> = {
  readonly [K in keyof O]: O[K] extends FlagOption
    ? boolean
    : O[K] extends ListOption<infer T>
      ? readonly T[]
      : O[K] extends ValueOption<infer T>
        ? T | undefined
        : never;
};

/** An option that is there or not. */
export function flag(description: string, short?: string): FlagOption {
  return { kind: 'flag', description, short };
}

/** An option with a value, given at most once. */
export function value<T>(
  placeholder: string,
  read: Reader<T>,
  description: string,
  env?: string,
): ValueOption<T> {
  return { kind: 'value', placeholder, description, read, env };
}

/** An option with a value that may be given several times. */
export function list<T>(placeholder: string, read: Reader<T>, description: string): ListOption<T> {
  return { kind: 'list', placeholder, description, read };
}
