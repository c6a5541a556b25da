import type { OutboxStatus, RelayEvent } from '@outrelay/core';
import { count, plural, rate } from '../terminal/figures.ts';
import type { Output } from '../terminal/output.ts';
import { backlogText } from './backlog.ts';
import { noticeOf } from './notice.ts';
import type { Tally } from './tally.ts';
import { Throttle } from './throttle.ts';
import type { Ending, RunView } from './view.ts';

/** Milliseconds between two notices of one kind. */
const NOTICE_MS = 5_000;

/** Lines with a time in front, for logs: what happens, and with each sample how far it is. */
export class LineView implements RunView {
  readonly #output: Output;
  readonly #quiet: boolean;
  readonly #tally: Tally;
  readonly #throttle = new Throttle(NOTICE_MS);
  #lastProgress = '';

  /** @param quiet - show warnings only */
  constructor(output: Output, tally: Tally, route: string, quiet: boolean) {
    this.#output = output;
    this.#tally = tally;
    this.#quiet = quiet;
    this.#info(`relay started: ${route}`);
  }

  event(event: RelayEvent): void {
    const notice = noticeOf(event);
    if (notice === null || (this.#quiet && notice.level === 'info')) return;
    const held = this.#throttle.pass(notice.kind, performance.now());
    if (held === null) return;
    const more = held === 0 ? '' : ` (and ${plural(held, 'more', 'more')} like it before)`;
    this.#line(`${notice.level === 'warning' ? 'warning: ' : ''}${notice.text}${more}`);
  }

  sample(status: OutboxStatus): void {
    const { published, retried, dead } = this.#tally;
    const totals = `${count(published)} published, ${count(retried)} retried, ${plural(dead, 'dead letter')}`;
    const backlog = backlogText(status).join(', ');
    // An idle relay has nothing to say.
    if (this.#lastProgress === `${totals}; ${backlog}`) return;
    this.#lastProgress = `${totals}; ${backlog}`;
    this.#info(`${totals} (${rate(this.#tally.rate(performance.now()))}); in the outbox: ${backlog}`);
  }

  stopping(reason: string): void {
    this.#info(`stopping: ${reason}`);
  }

  end({ text, good }: Ending): void {
    if (good) this.#info(text);
    else this.#line(text);
  }

  #info(text: string): void {
    if (!this.#quiet) this.#line(text);
  }

  #line(text: string): void {
    this.#output.line(`${new Date().toISOString()} ${text}`);
  }
}
