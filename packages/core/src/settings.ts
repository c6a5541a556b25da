/** Checks one option: answers with the value to use, or throws a `TypeError` that names the option by `name`. */
export type OptionCheck<T> = (value: unknown, name: string) => T;

/** The values that a table of checks produces. */
export type Settings<C extends Record<string, OptionCheck<unknown>>> = {
  readonly [K in keyof C]: ReturnType<C[K]>;
};

/** An options interface after checking: nothing is absent any more. */
export type Checked<O> = { readonly [K in keyof O]-?: Exclude<O[K], undefined> };

/**
 * Reads an options object strictly: every value is checked, and a name that no check knows is refused, because a
 * misspelt option that is ignored shows only in production.
 *
 * @param owner - what the options belong to, for the error text, for example `createRelay`
 */
export function readOptions<C extends Record<string, OptionCheck<unknown>>>(
  owner: string,
  options: unknown,
  checks: C,
): Settings<C> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`Expected ${owner} to get an options object; got ${describe(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(checks, name)) {
      throw new TypeError(`${owner} has no option "${name}". It takes: ${Object.keys(checks).join(', ')}.`);
    }
  }
  const settings: Record<string, unknown> = {};
  for (const [name, check] of Object.entries(checks)) {
    settings[name] = check((options as Record<string, unknown>)[name], `${owner}: option "${name}"`);
  }
  return settings as Settings<C>;
}

/** A whole number within bounds. */
export function integer(defaultValue: number, min: number, max: number): OptionCheck<number> {
  return (value = defaultValue, name) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max)
      return value;
    throw new TypeError(`${name} must be a whole number from ${min} to ${max}; got ${describe(value)}.`);
  };
}

/** A number within bounds. */
export function number(defaultValue: number, min: number, max: number): OptionCheck<number> {
  return (value = defaultValue, name) => {
    if (typeof value === 'number' && value >= min && value <= max) return value;
    throw new TypeError(`${name} must be a number from ${min} to ${max}; got ${describe(value)}.`);
  };
}

/** `true` or `false`; texts such as "false" are refused, they would switch a feature on. */
export function boolean(defaultValue: boolean): OptionCheck<boolean> {
  return (value = defaultValue, name) => {
    if (typeof value === 'boolean') return value;
    throw new TypeError(`${name} must be true or false; got ${describe(value)}.`);
  };
}

/** One of the given texts. */
export function oneOf<T extends string>(defaultValue: T, allowed: readonly T[]): OptionCheck<T> {
  return (value = defaultValue, name) => {
    if (allowed.includes(value as T)) return value as T;
    throw new TypeError(
      `${name} must be one of ${allowed.map((each) => `"${each}"`).join(', ')}; got ${describe(value)}.`,
    );
  };
}

/** A text that is not empty. */
export function text(defaultValue: string | undefined): OptionCheck<string> {
  return (value = defaultValue, name) => {
    if (typeof value === 'string' && value !== '') return value;
    throw new TypeError(`${name} must be a text that is not empty; got ${describe(value)}.`);
  };
}

/** An object whose entries another piece of code checks; `undefined` becomes the default. */
export function record<T extends object>(defaultValue: T): OptionCheck<T> {
  return (value = defaultValue, name) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as T;
    throw new TypeError(`${name} must be an object; got ${describe(value)}.`);
  };
}

/** A value that another piece of code checks or that may be anything; `undefined` becomes the default. */
export function any<T>(defaultValue: T): OptionCheck<T> {
  return (value = defaultValue) => value as T;
}

/** A function, or `undefined`. */
export function optionalFunction<F>(): OptionCheck<F | undefined> {
  return (value, name) => {
    if (value === undefined || typeof value === 'function') return value as F | undefined;
    throw new TypeError(`${name} must be a function; got ${describe(value)}.`);
  };
}

/** Names a wrong value without printing what it holds: options carry passwords. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value.length <= 40 && !value.includes(':') ? JSON.stringify(value) : 'another text';
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object'
    ? `an object (${value.constructor?.name ?? 'without a class'})`
    : `a ${typeof value}`;
}
