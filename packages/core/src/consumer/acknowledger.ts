import type { SourceDelivery } from '../source.ts';

/** How acknowledgements are sent, and what happens when that fails. */
export interface AcknowledgerSettings {
  send(deliveries: readonly SourceDelivery[]): Promise<void>;
  /** Waits before the next try; answers `false` when there is to be none. */
  failed(error: unknown): Promise<boolean>;
  /** The last try was a success. */
  sent(): void;
}

/**
 * Sends acknowledgements, those that come up while one is under way together with the next.
 *
 * One that fails is sent again until it succeeds or the consumer ends: without it the broker delivers once more, which
 * the receipt absorbs.
 */
export class Acknowledger {
  readonly #settings: AcknowledgerSettings;
  #pending: SourceDelivery[] = [];
  #sending: Promise<void> | null = null;

  constructor(settings: AcknowledgerSettings) {
    this.#settings = settings;
  }

  add(delivery: SourceDelivery): void {
    this.#pending.push(delivery);
    this.#sending ??= this.#send();
  }

  /** Resolves when everything was sent or given up. */
  async idle(): Promise<void> {
    while (this.#sending !== null) await this.#sending;
  }

  async #send(): Promise<void> {
    // What else is committed in this turn of the event loop goes along.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const sending = this.#pending;
      this.#pending = [];
      try {
        await this.#settings.send(sending);
        this.#settings.sent();
      } catch (error) {
        this.#pending = [...sending, ...this.#pending];
        if (!(await this.#settings.failed(error))) {
          this.#pending = [];
          break;
        }
      }
    }
    this.#sending = null;
  }
}
