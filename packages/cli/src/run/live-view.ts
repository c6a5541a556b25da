import type { OutboxStatus, RelayEvent } from '@outrelay/core';
import { plural } from '../terminal/figures.ts';
import { LiveBlock } from '../terminal/live-block.ts';
import type { Output } from '../terminal/output.ts';
import { cut } from '../terminal/text-width.ts';
import { liveLines } from './live-lines.ts';
import { type Notice, noticeOf } from './notice.ts';
import type { Tally } from './tally.ts';
import { Throttle } from './throttle.ts';
import type { Ending, RunView } from './view.ts';

const REPAINT_MS = 200;
const NOTICE_MS = 5_000;
/** Columns of a notice, which may wrap: nothing is painted over it. */
const MAX_NOTICE = 400;

/** A block that is painted again several times a second; notices pass above it. For terminals. */
export class LiveView implements RunView {
  readonly #output: Output;
  readonly #route: string;
  readonly #tally: Tally;
  readonly #throttle = new Throttle(NOTICE_MS);
  readonly #block: LiveBlock;
  readonly #timer: NodeJS.Timeout;
  #status: OutboxStatus | null = null;
  #stopping: string | null = null;

  constructor(output: Output, tally: Tally, route: string) {
    this.#output = output;
    this.#tally = tally;
    this.#route = route;
    this.#block = new LiveBlock(output);
    this.#timer = setInterval(() => this.#block.paint(this.#lines()), REPAINT_MS);
    this.#block.paint(this.#lines());
  }

  event(event: RelayEvent): void {
    const notice = noticeOf(event);
    const held = notice === null ? null : this.#throttle.pass(notice.kind, performance.now());
    if (notice !== null && held !== null) this.#tell(notice, held);
  }

  sample(status: OutboxStatus): void {
    this.#status = status;
  }

  stopping(reason: string): void {
    this.#stopping = reason;
    this.#block.paint(this.#lines());
  }

  end({ text, good }: Ending): void {
    clearInterval(this.#timer);
    this.#block.clear();
    const { style } = this.#output;
    this.#output.line(good ? `${style.green('✔')} ${text}` : `${style.red('✖')} ${text}`);
  }

  #tell({ level, text }: Notice, held: number): void {
    const { style } = this.#output;
    const time = new Date().toTimeString().slice(0, 8);
    const more = held === 0 ? '' : ` (and ${plural(held, 'more', 'more')} before)`;
    const line = `${style.dim(time)}  ${level === 'warning' ? style.yellow(text) : text}${more}`;
    this.#block.above([cut(line, MAX_NOTICE)], this.#lines());
  }

  #lines(): string[] {
    const { columns, style } = this.#output;
    const state = {
      route: this.#route,
      tally: this.#tally,
      status: this.#status,
      stopping: this.#stopping,
    };
    return liveLines(state, performance.now(), columns - 1, style);
  }
}
