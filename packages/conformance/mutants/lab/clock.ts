/** The clock of a model database: it goes with the process's, and on when a clause lets time pass. */
export class LabClock {
  #offsetMs = 0;

  /** Not `Date.now`, which a clause may set wrong. */
  readonly now = (): number => performance.timeOrigin + performance.now() + this.#offsetMs;

  elapse(ms: number): void {
    this.#offsetMs += ms;
  }
}
