import { ERROR_CODES, errorText, isOutboxError } from '@outrelay/core';
import { displayUrl } from './adapters/display-url.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Style } from './terminal/style.ts';
import { printable } from './terminal/text-width.ts';
import { UsageError } from './usage-error.ts';

/** What is said of an error, and how the process ends with it. */
export interface Failure {
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

/** Says what went wrong and what to do next. */
export function failureOf(error: unknown, style: Style): Failure {
  const label = style.red(style.bold('error'));
  if (error instanceof UsageError) {
    const advice = error.advice === undefined ? [] : error.advice.split('\n');
    return { lines: [`${label}: ${safe(error.message)}`, ...advice], exitCode: EXIT.usage };
  }
  if (isOutboxError(error)) {
    // Stores that know better say themselves which command helps.
    const remedy = error.message.includes('`outrelay ') ? undefined : ERROR_CODES[error.code]?.remedy;
    return {
      lines: [
        `${label}: ${safe(error.message)} ${style.dim(`[${error.code}]`)}`,
        ...(remedy === undefined ? [] : [`What to do: ${remedy}`]),
      ],
      exitCode: exitCodeOf(error),
    };
  }
  return {
    lines: [`${label}: ${safe(errorText(error))}`, ...defect(error, style)],
    exitCode: EXIT.failed,
  };
}

/** The exit code for an error of a store or transport. */
function exitCodeOf(error: unknown): ExitCode {
  if (!isOutboxError(error)) return EXIT.failed;
  if (error.code === 'CONFIG_INVALID' || error.code === 'MESSAGE_INVALID') return EXIT.usage;
  return error.retryable ? EXIT.unavailable : EXIT.failed;
}

/** Nothing that has a class of its own reaches this place, so where it happened is what helps most. */
function defect(error: unknown, style: Style): string[] {
  const stack = error instanceof Error ? (error.stack ?? '').split('\n    at ').slice(1, 9) : [];
  return [
    'This is not an error that outrelay knows. If it repeats, please report it with these lines:',
    ...stack.map((line) => style.dim(`    at ${line}`)),
  ];
}

/**
 * Error texts may quote what came from outside, also a URL that was given in the wrong place; their own line breaks are
 * kept.
 */
function safe(text: string): string {
  return text.replace(TELLING_URL, displayUrl).split('\n').map(printable).join('\n');
}

/** A URL that may hold credentials or a query, without the quotes and full stops behind it. */
const TELLING_URL = /[a-z][a-z0-9+.-]*:\/\/\S*[@?]\S*?(?=["')]*[.,;:]*(?:\s|$))/gi;
