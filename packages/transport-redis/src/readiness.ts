import type { Cancellation } from './cancellation.ts';

/** What a connection and a cluster client have in common: a status, and an event for every change of it. */
export interface Connectable {
  readonly status: string;
  connect(): Promise<unknown>;
  on(event: string, listener: (cause?: unknown) => void): unknown;
  off(event: string, listener: (cause?: unknown) => void): unknown;
}

/** Lets any number of calls wait for one client, which is observed once for all of them. */
export class Readiness {
  readonly #client: Connectable;
  #waiting: Promise<void> | null = null;

  constructor(client: Connectable) {
    this.#client = client;
  }

  /**
   * Waits until the client is connected and ready for commands; begins to connect when nobody has.
   *
   * Resolves with `false` when the call was cancelled. Rejects with the cause when the attempt under way (while the
   * client waits between two: the next one) fails, when the client was closed, and after the time limit, which counts
   * from the first call that waits.
   *
   * @param renewed - whether the connection that is there is of no more use, so that the next one has to be awaited
   * @param cause - the last error that was seen before, for the text; `null` for none
   */
  async wait(
    timeoutMs: number,
    cancellation: Cancellation,
    renewed: boolean,
    cause: unknown,
  ): Promise<boolean> {
    if (cancellation.isCancelled) return false;
    if (this.#client.status === 'ready' && !renewed) return true;
    this.#waiting ??= observe(this.#client, timeoutMs, renewed, cause).finally(() => {
      this.#waiting = null;
    });
    return (await Promise.race([this.#waiting, cancellation.cancelled])) !== 'cancelled';
  }
}

function observe(client: Connectable, timeoutMs: number, renewed: boolean, before: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    let cause = before;
    // Events come a tick after the change of status: a "close" may still be that of the connection before.
    let attempting = !renewed && (client.status === 'connecting' || client.status === 'connect');
    const listeners: Readonly<Record<string, (error?: unknown) => void>> = {
      connecting: () => {
        attempting = true;
      },
      error: (error) => {
        cause = error;
      },
      ready: () => {
        if (client.status === 'ready') finish(resolve);
      },
      close: () => {
        if (attempting) fail('the connection was closed before it was ready');
      },
      end: () => fail('the client was closed'),
    };
    const timer = setTimeout(() => fail(`not ready within ${timeoutMs} ms`), timeoutMs);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      for (const [event, listener] of Object.entries(listeners)) client.off(event, listener);
      settle();
    };
    const fail = (reason: string): void => finish(() => reject((cause as Error | null) ?? new Error(reason)));

    for (const [event, listener] of Object.entries(listeners)) client.on(event, listener);
    if (client.status === 'end') fail('the client was closed');
    // Its failure arrives as events.
    else if (client.status === 'wait') client.connect().catch(() => undefined);
  });
}
