import type { LogPosition } from './log-facet.ts';

/** The messages of one stretch of the log: from one position that was reached to the next. */
export interface Stretch {
  /** Where it ends; `null` while more of it may come. */
  end: LogPosition | null;
  /** Messages of it whose outcome is not recorded. */
  outstanding: number;
}

/**
 * Knows how far a log may be confirmed: never past a message whose outcome is not recorded, and never back.
 *
 * Messages are settled in any order. Stretches are kept in the order of the log, and the first one that has
 * outstanding messages, or has not ended, is where the confirmed prefix ends.
 */
export class ConfirmedPrefix {
  #stretches: Stretch[] = [];
  /** Stretches before it are done and only wait to be dropped all at once. */
  #first = 0;
  #position: LogPosition | null = null;

  /** Everything up to here may be forgotten; `null` before anything was. */
  get position(): LogPosition | null {
    return this.#position;
  }

  /** Notes one more message of the open stretch; `done` is called with the answer, once. */
  add(): Stretch {
    let last = this.#stretches.at(-1);
    if (last === undefined || last.end !== null) {
      last = { end: null, outstanding: 0 };
      this.#stretches.push(last);
    }
    last.outstanding++;
    return last;
  }

  /** The log has handed over everything up to here. */
  reached(position: LogPosition): void {
    const last = this.#stretches.at(-1);
    // Without messages in between, the end of what is known moves on by itself.
    if (last === undefined) this.#stretches.push({ end: position, outstanding: 0 });
    else if (last.end === null || (last.outstanding === 0 && position > last.end)) last.end = position;
    else if (position > last.end) this.#stretches.push({ end: position, outstanding: 0 });
    this.#advance();
  }

  /** The outcome of a message of the stretch is recorded. */
  done(stretch: Stretch): void {
    stretch.outstanding--;
    this.#advance();
  }

  /** The log begins again at its confirmed position: what is outstanding will come again. */
  restart(): void {
    this.#stretches = [];
    this.#first = 0;
  }

  #advance(): void {
    for (;;) {
      const stretch = this.#stretches[this.#first];
      if (stretch === undefined || stretch.end === null || stretch.outstanding > 0) break;
      if (this.#position === null || stretch.end > this.#position) this.#position = stretch.end;
      this.#first++;
    }
    if (this.#first === this.#stretches.length || this.#first > 1_000) {
      this.#stretches.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
