import { describe } from '@outrelay/core';

/** What a harness can be for. */
export const KINDS: readonly unknown[] = ['store', 'transport', 'source'];

/** Throws a `TypeError` that says what a harness lacks, before a clause trips over it. */
export function checkHarness(value: unknown): void {
  const harness = value as Readonly<Record<string, unknown>> | null | undefined;
  const kind = harness?.['kind'];
  if (typeof harness !== 'object' || harness === null || !KINDS.includes(kind)) {
    throw new TypeError(
      `Expected a harness of the kind "store", "transport" or "source"; got ${describe(value)}.`,
    );
  }
  const { name, capabilities, facets, takeoverMs, open } = harness;
  if (typeof name !== 'string' || name === '') throw new TypeError('The harness needs "name", a text.');
  const needs = (member: string, what: string): TypeError =>
    new TypeError(`The harness "${name}" needs "${member}", ${what}.`);
  if (typeof capabilities !== 'object' || capabilities === null) {
    throw needs('capabilities', 'the manifest of the adapter');
  }
  if (kind === 'source') {
    if (typeof takeoverMs !== 'number') throw needs('takeoverMs', 'a number of milliseconds');
  } else if (!Array.isArray(facets)) {
    throw needs('facets', 'an array of names');
  }
  if (typeof open !== 'function') throw needs('open', 'a function');
}
