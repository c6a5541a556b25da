import { randomBytes } from 'node:crypto';

/**
 * Time as the engine sees it. Injected, so that the engine runs under a virtual clock in tests and simulation.
 *
 * Leases and due times are the database's business; the engine only measures durations.
 */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Calls back once after `delayMs` milliseconds. The returned function cancels. */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Lets timers and input run before the caller goes on: a loop over fast adapters would else starve them. */
  yield(): Promise<void>;
}

/** Chance as the engine sees it, injected for the same reason. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded), for jitter. */
  unit(): number;
  /** 128 fresh bits as 32 hexadecimal digits, for lease tokens: they must never repeat, not even after a failover. */
  token(): string;
}

/** The longest time a timer of Node.js takes, in milliseconds, about 24 days; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The clock of the process. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const partMs = Math.min(leftMs, MAX_TIMER_MS);
      timer = setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : callback()), partMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};

/** Chance of the process: `Math.random` for jitter, the operating system's generator for tokens. */
export const systemRandom: Random = {
  unit: Math.random,
  token: () => randomBytes(16).toString('hex'),
};
