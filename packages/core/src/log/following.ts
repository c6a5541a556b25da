import { isOutboxError } from '../errors.ts';
import type { WakeupListener } from '../facets.ts';
import { ConfirmedPrefix } from './confirmed-prefix.ts';
import type { LogEntry, LogFacet, LogPosition, LogStream } from './log-facet.ts';
import { LogWindow, type WindowEntry } from './log-window.ts';
import type { PushSettings } from './push-options.ts';

/** Entries that are remembered after they were dropped: more transactions than this do not commit at one moment. */
const MAX_DROPPED = 1_000;

/**
 * Follows a log into a window, and confirms what is settled.
 *
 * Without a lease nothing is kept: the tables have it all, and whoever takes the lease begins with them.
 */
export class Following {
  readonly #log: LogFacet;
  readonly #listener: WakeupListener;
  #prefix = new ConfirmedPrefix();
  readonly #settings: PushSettings;
  #window: LogWindow;
  #stream: LogStream | null = null;
  #leased = false;
  #connected = false;
  /** Whether the listener was told that the log is lost, and not yet that it is back. */
  #toldLost = false;
  #closed = false;
  /**
   * The last entries that were dropped without a look at the tables, where the youngest may not be seen yet. Whoever
   * reads the tables first asks about them.
   */
  dropped: readonly LogEntry[] = [];
  /** What became of the last attempt to follow. */
  state: 'follower' | 'standby' | 'polling' = 'polling';
  /** Counts how often the log began anew; entries of an earlier time come again. */
  generation = 0;

  constructor(log: LogFacet, settings: PushSettings, listener: WakeupListener) {
    this.#log = log;
    this.#settings = settings;
    this.#listener = listener;
    this.#window = this.#newWindow();
  }

  get window(): LogWindow {
    return this.#window;
  }

  get started(): boolean {
    return this.#stream !== null;
  }

  /** Whether what is committed now will arrive through the log. */
  get flows(): boolean {
    return this.#stream !== null && this.#connected;
  }

  /**
   * Starts, or says why not: `standby` while another relay follows, `polling` when there is no log to follow, which
   * the listener hears of once.
   */
  async start(): Promise<'follower' | 'standby' | 'polling'> {
    try {
      const stream = await this.#log.follow({
        receive: (entries) => this.#receive(entries),
        reached: (position) => this.#reached(position),
        lost: (error) => this.#lost(error),
        restored: () => {
          this.#connected = true;
          this.#tellRestored();
        },
        ended: (error) => {
          this.#stream = null;
          this.#prefix = new ConfirmedPrefix();
          if (this.#connected) this.#lost(error);
        },
      });
      if (this.#closed) {
        await stream.close();
        return 'polling';
      }
      this.generation++;
      this.#stream = stream;
      this.#connected = true;
      this.state = 'follower';
      this.#tellRestored();
    } catch (error) {
      if (isOutboxError(error) && error.code === 'LOG_IN_USE') {
        this.state = 'standby';
      } else {
        this.#tellLost(error);
        this.generation++;
        this.state = 'polling';
      }
    }
    return this.state;
  }

  /** Says whether a lease is held, without which entries are dropped. */
  lease(held: boolean): void {
    this.#leased = held;
    if (held) return;
    const left = this.#window.take(this.#window.size);
    this.#noteDropped(left.map(({ entry }) => entry));
    this.done(left);
  }

  /** The outcome of the entries is recorded, or they stay in the tables. */
  done(entries: readonly WindowEntry[]): void {
    for (const { stretch } of entries) this.#prefix.done(stretch);
    this.#confirm();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const stream = this.#stream;
    this.#stream = null;
    this.#drop();
    await stream?.close();
  }

  async #receive(entries: readonly LogEntry[]): Promise<void> {
    if (!this.#leased) {
      this.#noteDropped(entries);
      return;
    }
    const room = this.#window.add(entries.map((entry) => ({ entry, stretch: this.#prefix.add() })));
    this.#listener.wake();
    await room;
  }

  #reached(position: LogPosition): void {
    this.#prefix.reached(position);
    this.#confirm();
  }

  #lost(error: unknown): void {
    this.#connected = false;
    this.#drop();
    this.#tellLost(error);
  }

  #tellLost(error: unknown): void {
    if (this.#toldLost) return;
    this.#toldLost = true;
    this.#listener.lost(error);
  }

  #tellRestored(): void {
    if (!this.#toldLost) return;
    this.#toldLost = false;
    this.#listener.restored();
  }

  /** Forgets what comes again, and lets whoever waits for room go on. */
  #drop(): void {
    this.generation++;
    this.#prefix.restart();
    const old = this.#window;
    this.#window = this.#newWindow();
    this.#noteDropped(old.take(old.size).map(({ entry }) => entry));
  }

  #noteDropped(entries: readonly LogEntry[]): void {
    this.dropped = [...this.dropped, ...entries].slice(-MAX_DROPPED);
  }

  #confirm(): void {
    const { position } = this.#prefix;
    if (position !== null) this.#stream?.confirm(position);
  }

  #newWindow(): LogWindow {
    const { windowMessages, windowBytes } = this.#settings;
    return new LogWindow({ messages: windowMessages, bytes: windowBytes });
  }
}
