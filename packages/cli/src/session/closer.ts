import { errorText } from '@outrelay/core';
import { duration } from '../terminal/figures.ts';
import type { Output } from '../terminal/output.ts';
import { printable } from '../terminal/text-width.ts';
import { settles } from './settles.ts';

/**
 * Milliseconds that a store or transport may take to close: one whose connections have gone silent might never, and the
 * process has to end.
 */
const CLOSE_MS = 5_000;

/** What can be closed. */
export interface Closable {
  readonly name: string;
  close(): Promise<void>;
}

/** Closes what a command opened: transports first, stores after them, all of them even when one fails. */
export class Closer {
  readonly #err: Output;
  readonly #open: { readonly kind: 'store' | 'transport'; readonly closable: Closable }[] = [];

  constructor(err: Output) {
    this.#err = err;
  }

  add(kind: 'store' | 'transport', closable: Closable): void {
    if (!this.#open.some((entry) => entry.closable === closable)) this.#open.push({ kind, closable });
  }

  async close(): Promise<void> {
    for (const kind of ['transport', 'store'] as const) {
      const closing = this.#open
        .filter((entry) => entry.kind === kind)
        .map(({ closable }) => this.#close(kind, closable));
      await Promise.all(closing);
    }
  }

  /** The work is done and reported; a failure to close must not turn it into a failure, nor go unnoticed. */
  async #close(kind: string, closable: Closable): Promise<void> {
    const warn = (what: string): void => this.#err.line(`warning: the ${kind} "${closable.name}" ${what}`);
    const closing = closable
      .close()
      .catch((error: unknown) => warn(`could not be closed: ${printable(errorText(error))}`));
    if (!(await settles(closing, CLOSE_MS))) warn(`was not closed within ${duration(CLOSE_MS)}`);
  }
}
