import { AssertionError } from 'node:assert/strict';
import { inspect } from 'node:util';
import { isOutboxError } from '@outrelay/core';
import type { Trace } from '../bench/trace.ts';
import { WatchdogError } from './watchdog.ts';

/** A clause that an adapter does not keep, told to its author: obligation, what was seen, last calls, seed. */
export class ClauseFailure extends Error {
  override readonly name = 'ClauseFailure';

  constructor(
    selected: { id: string; case: string | null; title: string },
    seed: number,
    error: unknown,
    trace: Trace,
  ) {
    const { id, title } = selected;
    const name = selected.case === null ? id : `${id} [${selected.case}]`;
    const lines = [
      `${name} is not kept`,
      `  obligation: ${title}`,
      `  seen: ${seenText(error)}`,
      ...(trace.lines.length === 0 ? [] : ['  last calls:', ...trace.lines.map((line) => `    ${line}`)]),
      `  again: seed ${seed}, --grep ${id}`,
    ];
    super(lines.join('\n'), { cause: error });
    // The lines above tell more than a stack through the suite; the stack of the cause leads into the adapter.
    this.stack = `${this.name}: ${this.message}`;
  }
}

function seenText(error: unknown): string {
  if (error instanceof AssertionError || error instanceof WatchdogError) return error.message;
  if (isOutboxError(error)) return `${error.code}: ${error.message}${causeText(error.cause)}`;
  return error instanceof Error ? `${error.name}: ${error.message}${causeText(error.cause)}` : inspect(error);
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? `\n    caused by ${cause.stack ?? cause.message}` : '';
}
