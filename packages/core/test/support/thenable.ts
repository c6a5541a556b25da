/** Something to await that is no `Promise`: what query builders give, and libraries of another realm. */
export function thenable<T>(value: T): PromiseLike<T> {
  const promise = Promise.resolve(value);
  // oxlint-disable-next-line unicorn/no-thenable -- this is what it is for
  return { then: (...given) => promise.then(...given) };
}
