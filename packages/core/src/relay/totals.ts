import type { RelayEvent } from '../events.ts';

/** Adds up what became of messages. */
export class Totals {
  #accepted = 0;
  #retried = 0;
  #dead = 0;

  add(event: RelayEvent): void {
    if (event.type !== 'batch-settled') return;
    this.#accepted += event.accepted.length;
    this.#retried += event.retried;
    this.#dead += event.dead;
  }

  counts(): { readonly accepted: number; readonly retried: number; readonly dead: number } {
    return { accepted: this.#accepted, retried: this.#retried, dead: this.#dead };
  }
}
