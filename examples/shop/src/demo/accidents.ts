import type { Observation } from './observer.ts';
import type { Troupe } from './troupe.ts';

/** The relay is killed when this part of the messages has been delivered. */
const KILL_RELAY_AT = [0.3, 0.65];

/** What goes wrong on purpose among the processes of a run. */
export class Accidents {
  readonly #troupe: Troupe;
  readonly #tell: (text: string) => void;
  readonly #relayAt: number[];
  #consumerDies: boolean;

  /**
   * @param expected - messages that will be delivered
   * @param dying - which processes are to die; the consumer does so by itself
   * @param tell - gets what happened, for people
   */
  constructor(
    troupe: Troupe,
    expected: number,
    dying: { readonly relay: boolean; readonly consumer: boolean },
    tell: (text: string) => void,
  ) {
    this.#troupe = troupe;
    this.#tell = tell;
    this.#relayAt = !dying.relay ? [] : KILL_RELAY_AT.map((part) => part * expected);
    this.#consumerDies = dying.consumer;
  }

  /** Whether all of it has happened. */
  get over(): boolean {
    return this.#relayAt.length === 0 && !this.#consumerDies;
  }

  /** Lets happen what is due, and starts anew what has died. */
  async happen({ deliveries, duplicates }: Observation): Promise<void> {
    const [relayAt = Number.POSITIVE_INFINITY] = this.#relayAt;
    if (deliveries - duplicates >= relayAt) {
      this.#relayAt.shift();
      await this.#killRelay(deliveries);
    }
    if (this.#consumerDies && this.#troupe.consumer.exit?.signal === 'SIGKILL') {
      this.#consumerDies = false;
      this.#tell('consumer killed with SIGKILL between a commit and its acknowledgement');
      await this.#troupe.replaceConsumer();
      this.#tell('consumer started again; it begins with what the dead one had in hands');
    }
  }

  async #killRelay(deliveries: number): Promise<void> {
    const killed = this.#troupe.relayName;
    await this.#troupe.killRelay();
    this.#tell(`${killed} killed with SIGKILL after ${deliveries} deliveries`);
    this.#troupe.startRelay();
    this.#tell(`${this.#troupe.relayName} started; it works when the lease of ${killed} has ended`);
  }
}
