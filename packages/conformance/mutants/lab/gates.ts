import type { PausableVerb, Pause } from '@outrelay/conformance';
import { OutboxError } from '@outrelay/core';

/** Lets one turn of the event loop pass. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The way from a store to its model database: it can be cut, closed for a while, and held up in one verb. */
export class Gates {
  #connections = 0;
  #down = false;
  readonly #stops = new Map<string, { reached: () => void; resumed: Promise<void> }>();
  readonly #cutListeners = new Set<() => void>();

  /** Carries a verb to the database and its answer back. */
  async pass<T>(verb: string, work: () => Promise<T>): Promise<T> {
    const connection = this.#connections;
    await turn();
    this.#assertUp(connection);
    const stop = this.#stops.get(verb);
    this.#stops.delete(verb);
    stop?.reached();
    await stop?.resumed;
    const answer = await work();
    await turn();
    this.#assertUp(connection);
    return answer;
  }

  /** Cuts all connections: verbs under way lose their answer. */
  cut(): void {
    this.#connections++;
    for (const listener of this.#cutListeners) listener();
  }

  set down(down: boolean) {
    this.#down = down;
    if (down) this.cut();
  }

  /** Holds up the next call of the verb. */
  pause(verb: PausableVerb): Pause {
    let reached = (): void => {};
    let resume = (): void => {};
    const reaching = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const resumed = new Promise<void>((resolve) => {
      resume = resolve;
    });
    this.#stops.set(verb, { reached, resumed });
    return { reached: reaching, resume };
  }

  /** Calls back when connections are cut; the answer ends that. */
  onCut(listener: () => void): () => void {
    this.#cutListeners.add(listener);
    return () => this.#cutListeners.delete(listener);
  }

  #assertUp(connection: number): void {
    if (!this.#down && connection === this.#connections) return;
    throw new OutboxError('STORE_UNAVAILABLE', 'The connection to the model database was cut.');
  }
}
