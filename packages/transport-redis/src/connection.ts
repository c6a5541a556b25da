import type { Cancellation } from './cancellation.ts';
import type { Command, RedisConnection, Reply } from './client.ts';
import { unavailable } from './errors.ts';
import { Readiness } from './readiness.ts';

/** What became of an exchange of commands and replies; see {@link Connection.exchange}. */
export type Exchange = readonly Reply[] | 'unsent' | 'timeout' | 'cancelled';

/** How {@link endClient} gives up. */
const END_TIMEOUT_MS = 1_000;

/** A connection to one server, ours or somebody's, with what is known about it. */
export class Connection {
  /** Names the server in error texts: `host:port`, never credentials. */
  readonly name: string;
  /** Whether replicas or disk have kept up on the connection as it is; see `proof.ts`. */
  proven = false;
  readonly #redis: RedisConnection;
  readonly #own: boolean;
  readonly #readiness: Readiness;
  #retired = false;
  #cause: unknown = null;
  readonly #closed = (): void => {
    this.#retired = false;
    this.proven = false;
  };
  readonly #failed = (error: unknown): void => {
    this.#cause = error;
  };

  /** @param own - whether the connection may be renewed and ended from here */
  constructor(redis: RedisConnection, own: boolean, name: string = addressOf(redis)) {
    this.name = name;
    this.#redis = redis;
    this.#own = own;
    this.#readiness = new Readiness(redis);
    redis.on('close', this.#closed);
    // On a client of somebody else's a listener would switch off the warning ioredis prints when there is none.
    if (own) redis.on('error', this.#failed);
  }

  /** Whether commands can be written at this moment. */
  get isReady(): boolean {
    return this.#redis.status === 'ready' && !this.#retired;
  }

  /**
   * Waits for the connection, for `timeoutMs` at most; `false` when the call was cancelled.
   *
   * @throws OutboxError `TRANSPORT_UNAVAILABLE` when it cannot be had
   */
  async ready(timeoutMs: number, cancellation: Cancellation): Promise<boolean> {
    try {
      return await this.#readiness.wait(timeoutMs, cancellation, this.#retired, this.#cause);
    } catch (cause) {
      throw unavailable(this.name, cause);
    }
  }

  /**
   * Sends commands in one piece and resolves with one reply per command; never rejects.
   *
   * `'unsent'`: there was no connection, nothing was written. `'timeout'`: not all replies came in time; the connection
   * is then taken for dead and, when it is ours, renewed, also when the call was cancelled in the meantime.
   *
   * @param texts - what texts in replies are: decoded, or a `Buffer`
   */
  exchange(
    commands: readonly Command[],
    timeoutMs: number,
    cancellation?: Cancellation,
    texts: 'text' | 'bytes' = 'text',
  ): Promise<Exchange> {
    if (!this.isReady) return Promise.resolve('unsent');
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(() => {
        this.renew();
        resolve('timeout');
      }, timeoutMs);
      timer.unref();
    });
    const replies = this.#send(commands, texts).finally(() => clearTimeout(timer));
    const contenders: Promise<Exchange>[] = [replies, timedOut];
    if (cancellation !== undefined) contenders.push(cancellation.cancelled);
    return Promise.race(contenders);
  }

  /** Takes the connection out of use until it has been closed, which the server is about to do. */
  retire(): void {
    if (this.isReady) this.#retired = true;
  }

  /** Closes the connection and has another one opened, perhaps to another server, when it is ours. */
  renew(): void {
    if (!this.#own || !this.isReady) return;
    this.#retired = true;
    this.#redis.disconnect(true);
  }

  /** Takes the listeners off, and ends the connection when it is ours. */
  async end(): Promise<void> {
    this.#redis.off('close', this.#closed);
    if (this.#own) await endClient(this.#redis);
  }

  async #send(commands: readonly Command[], texts: 'text' | 'bytes'): Promise<readonly Reply[] | 'unsent'> {
    let replies: readonly Reply[] | null;
    try {
      replies = await this.#redis
        .pipeline(commands.map(({ name, args }) => [texts === 'text' ? 'call' : 'callBuffer', name, args]))
        .exec();
    } catch (error) {
      replies = commands.map(() => [error as Error] as const);
    }
    if (replies === null) return commands.map(() => NO_REPLY);
    if (!replies.every(([error]) => error !== null && UNWRITABLE.test(error.message))) return replies;
    // The socket has ended, and the client is about to notice.
    this.retire();
    return 'unsent';
  }
}

/** How ioredis refuses a command that it cannot write now and may not keep for later. */
const UNWRITABLE = /^Stream isn't writeable and enableOfflineQueue/;
const NO_REPLY: Reply = [new Error('the client gave no replies')];

/** Ends a client and waits until it has ended; a server that does not answer is not waited for. */
export function endClient(
  client: Pick<RedisConnection, 'status' | 'disconnect' | 'on' | 'off'>,
): Promise<void> {
  // Between two attempts there is no connection, and no event would tell of its end.
  const idle = client.status === 'end' || client.status === 'reconnecting';
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      client.off('end', done);
      resolve();
    };
    const timer = setTimeout(done, idle ? 0 : END_TIMEOUT_MS);
    client.on('end', done);
    client.disconnect();
  });
}

function addressOf({ options }: RedisConnection): string {
  return options.path ?? `${options.host ?? 'localhost'}:${options.port ?? 6379}`;
}
