import { errorText } from '../errors.ts';
import type { RelayEvent } from '../events.ts';
import { isThenable } from '../result.ts';

/** The listeners of one relay or consumer. Whatever they do, it goes on. */
export class Listeners<Event = RelayEvent> {
  readonly #owner: string;
  /** Wrapped, so that one function can listen twice. */
  readonly #listeners = new Set<{ readonly hear: (event: Event) => void }>();
  #warned = false;

  /** @param name - of the relay or consumer, for the warning */
  constructor(name: string, kind: 'relay' | 'consumer' = 'relay') {
    this.#owner = `${kind} "${name}"`;
  }

  /** Adds a listener; the returned function removes it. */
  add(hear: (event: Event) => void): () => void {
    const listener = { hear };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells every listener; never throws. */
  emit(event: Event): void {
    for (const { hear } of this.#listeners) {
      try {
        const given: unknown = hear(event);
        if (isThenable(given)) given.then(undefined, (error: unknown) => this.#warn(error));
      } catch (error) {
        this.#warn(error);
      }
    }
  }

  /** A broken listener must not stop the delivery of messages, nor go unnoticed; once is enough. */
  #warn(error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(`A listener of the ${this.#owner} threw: ${errorText(error)}`, {
      type: 'OutrelayWarning',
      detail: 'It goes on. Further errors of its listeners are not reported.',
    });
  }
}
