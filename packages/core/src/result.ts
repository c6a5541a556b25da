import type { Mode, Result } from './store.ts';

/** Goes on with a value at once, or with a promise when it resolves, so that one code serves both kinds of store. */
export function chain<M extends Mode, A, B>(value: Result<M, A>, next: (value: A) => B): Result<M, B> {
  const going = isThenable(value) ? Promise.resolve(value as PromiseLike<A>).then(next) : next(value as A);
  return going as unknown as Result<M, B>;
}

/** Whether a value can be awaited: query builders and promises of other realms can, without being a `Promise`. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
