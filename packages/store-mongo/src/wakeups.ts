import { setTimeout as sleep } from 'node:timers/promises';
import type { WakeupListener, WakeupSubscription, WakeupsFacet } from '@outrelay/core';
import type { MongoChangeStream } from './client.ts';
import type { Connection } from './connection.ts';
import { codeOf, storeFailure } from './errors.ts';

/** Milliseconds that the server may wait for an event before it answers with none. */
const AWAIT_MS = 1_000;
/** Milliseconds before a stream that failed is opened again. */
const REOPEN_MS = 500;
/** CommandNotSupported, CommandNotFound, IllegalOperation, and stages that are not known: there are no change streams. */
const UNSUPPORTED: ReadonlySet<number> = new Set([59, 115, 20, 40_324, 40_573, 72, 2]);

/**
 * Notices commits by a change stream, which carries nothing before its transaction has committed.
 *
 * A stream that breaks is opened anew at the present; what was committed in between is found by polling, so no resume
 * token is kept that could be lost. A server without change streams is reported as `lost` once, and then there is
 * polling alone.
 */
export function wakeupsFacet(connection: Connection): Listening {
  const open = new Set<WakeupSubscription>();
  return {
    async listen(listener) {
      const watch = new Watch(connection, listener);
      await watch.start();
      const subscription: WakeupSubscription = {
        async close() {
          open.delete(subscription);
          await watch.stop();
        },
      };
      open.add(subscription);
      return subscription;
    },

    async close() {
      await Promise.all([...open].map((subscription) => subscription.close()));
    },
  };
}

/** The facet, with the end of everything it has started. */
export interface Listening extends WakeupsFacet {
  close(): Promise<void>;
}

/** - `watching`: waits for events. - `failing`: the stream broke, and `lost` was reported. - `stopped`. */
class Watch {
  readonly #connection: Connection;
  readonly #listener: WakeupListener;
  readonly #stopping = new AbortController();
  #stream: MongoChangeStream | null = null;
  #failing = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(connection: Connection, listener: WakeupListener) {
    this.#connection = connection;
    this.#listener = listener;
  }

  /** Resolves when the stream stands, or when it is clear that there is none. */
  async start(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      if (!isUnsupported(error)) throw storeFailure(error, this.#connection.database.place);
      this.#listener.lost(error);
      return;
    }
    this.#loop = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#close();
    await this.#loop;
  }

  async #watch(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (this.#stream === null) await this.#open();
        const event = (await this.#stream?.tryNext()) as { operationType?: unknown } | null;
        if (this.#stopping.signal.aborted) return;
        if (this.#failing) this.#listener.restored();
        this.#failing = false;
        if (event?.operationType === 'invalidate') await this.#close();
        else if (event !== null) this.#listener.wake();
      } catch (error) {
        await this.#close();
        if (this.#stopping.signal.aborted) return;
        if (!this.#failing) this.#listener.lost(storeFailure(error, this.#connection.database.place));
        this.#failing = true;
        await sleep(REOPEN_MS, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
      }
    }
  }

  /** Opens the stream; the first look makes the server begin it. */
  async #open(): Promise<void> {
    const { db, collections } = this.#connection.database;
    const stream = db.watch(pipelineOn(collections), { maxAwaitTimeMS: AWAIT_MS });
    this.#stream = stream;
    await stream.tryNext().then((event) => {
      if (event !== null && !this.#stopping.signal.aborted) this.#listener.wake();
    });
  }

  async #close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    await stream?.close().catch(() => {});
  }
}

/** Inserts of messages, and of letters that are redriven; what relays move about themselves wakes nobody. */
function pipelineOn({ messages, delayed }: { messages: string; delayed: string }): object[] {
  const appended = { operationType: 'insert', 'ns.coll': messages };
  const redriven = { operationType: 'insert', 'ns.coll': delayed, 'fullDocument.redrives': { $gt: 0 } };
  return [
    { $match: { $or: [appended, redriven, { operationType: 'invalidate' }] } },
    { $project: { operationType: 1 } },
  ];
}

function isUnsupported(error: unknown): boolean {
  return UNSUPPORTED.has(codeOf(error) ?? -1);
}
