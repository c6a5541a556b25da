import { OutboxError } from '../errors.ts';
import { Control } from '../relay/control.ts';
import { Listeners } from '../relay/listeners.ts';
import { integer, readOptions } from '../settings.ts';
import type { Mode } from '../store.ts';
import { Desk } from './desk.ts';
import type { ConsumerListener } from './events.ts';
import { runIntake } from './intake.ts';
import { type ConsumerOptions, readConsumerOptions } from './options.ts';

/** Lets a handler's effects happen once per message. Create it with {@link createConsumer}. */
export interface Consumer {
  /** Starts working in the background, also while the database or the broker cannot be reached yet. Once only. */
  start(): void;
  /**
   * Takes no new deliveries, lets handlers under way finish, and gives back what was not begun.
   *
   * When `timeoutMs` has passed it waits no longer; what is still being handled commits or not, and is delivered again.
   * May be called again, also with a shorter time; every call resolves when the consumer has ended.
   */
  stop(options?: ConsumerStopOptions): Promise<ConsumerStopReport>;
  /** Adds a listener for events; the returned function removes it. What a listener throws is ignored. */
  subscribe(listener: ConsumerListener): () => void;
}

/** Options of {@link Consumer.stop}. */
export interface ConsumerStopOptions {
  /** Milliseconds for handlers under way and their acknowledgements. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** How a consumer ended. */
export interface ConsumerStopReport {
  /** Deliveries whose handlers were still running. */
  readonly unfinished: number;
}

/**
 * Creates a consumer: takes deliveries from a source, handles each in a transaction with its receipt, acknowledges
 * after the commit.
 *
 * @example
 * const consumer = createConsumer({ name: 'billing', store, source, handler: async (tx, message) => {
 *   await tx.query('INSERT INTO invoices (order_id) VALUES ($1)', [message.key]);
 * } });
 * consumer.start();
 * process.once('SIGTERM', () => consumer.stop());
 */
export function createConsumer<Tx, M extends Mode, Root>(options: ConsumerOptions<Tx, M, Root>): Consumer {
  return new ConsumerEngine(options);
}

/**
 * - `new`: nothing runs. - `working`: after `start`. - `ended`: after `stop`.
 */
class ConsumerEngine<Tx, M extends Mode, Root> implements Consumer {
  readonly #desk: Desk<Tx, M, Root>;
  readonly #control: Control;
  readonly #listeners: Listeners<Parameters<ConsumerListener>[0]>;
  readonly #ended: Promise<void>;
  #end: () => void = () => {};
  #state: 'new' | 'working' | 'ended' = 'new';
  #unfinished = 0;

  constructor(options: ConsumerOptions<Tx, M, Root>) {
    const settings = readConsumerOptions(options);
    this.#listeners = new Listeners(settings.name, 'consumer');
    if (settings.onEvent !== undefined) this.#listeners.add(settings.onEvent);
    this.#control = new Control(settings.clock);
    this.#desk = new Desk(settings, this.#control, (event) => this.#listeners.emit(event));
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  start(): void {
    if (this.#state !== 'new') {
      throw new OutboxError(
        'RELAY_STATE',
        `consumer.start() was called on a consumer that ${this.#state === 'working' ? 'is working' : 'has ended'}; create a new one.`,
      );
    }
    this.#state = 'working';
    const consumer = this.#desk.settings.name;
    this.#listeners.emit({ type: 'consumer-started', consumer });
    const intake = runIntake(this.#desk);
    const work = (async () => {
      await this.#control.untilStopping();
      await this.#desk.letGo();
      await intake;
      await this.#desk.idle();
      // What waited behind a handler that was under way.
      await this.#desk.letGo();
      await this.#desk.acknowledged();
    })();
    void Promise.race([work, this.#control.afterAbandon(0)]).then(() => {
      this.#unfinished = this.#desk.handling;
      this.#state = 'ended';
      this.#control.end();
      this.#listeners.emit({ type: 'consumer-stopped', consumer, unfinished: this.#unfinished });
      this.#end();
    });
  }

  async stop(options: ConsumerStopOptions = {}): Promise<ConsumerStopReport> {
    const { timeoutMs } = readOptions('consumer.stop', options, {
      timeoutMs: integer(10_000, 0, 86_400_000),
    });
    this.#control.change('stopping');
    if (this.#state === 'new') {
      this.#state = 'ended';
      this.#end();
    }
    const cancel = this.#desk.settings.clock.setTimer(timeoutMs, () => this.#control.abandon());
    await this.#ended;
    cancel();
    return { unfinished: this.#unfinished };
  }

  subscribe(listener: ConsumerListener): () => void {
    return this.#listeners.add(listener);
  }
}
