import { errorText, isOutboxError, OutboxError } from '../errors.ts';

/** When a guarded adapter was closed. */
export interface Lifecycle {
  /** The promise of the first `close()`; `null` while the adapter is open. */
  closing: Promise<void> | null;
}

type Facet = Readonly<Record<string, (...args: never[]) => unknown>>;
type Run = <T>(verb: string, call: () => Promise<T>) => Promise<T>;

/**
 * Puts the lifecycle around every verb of a facet; with `run` also the error classes.
 *
 * Facets without `run` work in the caller's own transaction, whose errors belong to the caller.
 */
export function guardFacet<F extends object>(
  facet: F | undefined,
  open: (verb: string) => void,
  run: Run | null,
): F | undefined {
  if (facet === undefined) return undefined;
  const verbs: Record<string, unknown> = {};
  for (const verb of verbNames(facet)) {
    const call = (...args: never[]): unknown => (facet as Facet)[verb]?.(...args);
    verbs[verb] =
      run === null
        ? (...args: never[]) => {
            open(verb);
            return call(...args);
          }
        : (...args: never[]) => run(verb, () => call(...args) as Promise<unknown>);
  }
  return verbs as F;
}

/** Own and inherited methods, so that a facet may be an object literal or an instance of a class. */
function verbNames(facet: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (
    let at: object | null = facet;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (name !== 'constructor' && typeof (facet as Record<string, unknown>)[name] === 'function')
        names.add(name);
    }
  }
  return names;
}

/** Closes an adapter at the first call; every call gets the promise of that end. */
export function closeOnce(life: Lifecycle, close: () => Promise<void>): Promise<void> {
  life.closing ??= (async () => close())();
  return life.closing;
}

/** The error of a store call, with a class: what the adapter did not classify is `STORE_FAILED`. */
export function storeFailure(name: string, verb: string, error: unknown): unknown {
  if (isOutboxError(error) || error instanceof TypeError) return error;
  return new OutboxError('STORE_FAILED', `The store "${name}" failed in ${verb}: ${errorText(error)}`, {
    cause: error,
  });
}

/** The error for an adapter that breaks its contract. */
export function contractBroken(name: string, what: string): OutboxError {
  return new OutboxError('ADAPTER_CONTRACT', `The adapter "${name}" broke its contract: ${what}.`);
}
