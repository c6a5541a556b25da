import { constants } from 'node:os';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** The command was ended by a signal; what it started has ended too. */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** @type {NodeJS.Signals | null} */
let received = null;

/** @type {Set<(signal: NodeJS.Signals, again: boolean) => void>} */
const listeners = new Set();

/** Takes the signals over from Node's default, which would end this process before its children. */
export function listenForSignals() {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const again = received !== null;
      received ??= signal;
      for (const listener of listeners) listener(received, again);
    });
  }
}

/**
 * Calls back at every signal until the answer is called.
 *
 * @param {(signal: NodeJS.Signals, again: boolean) => void} listener
 * @returns {() => void}
 */
export function onSignal(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ends a command between two steps when a signal has come. */
export function throwIfInterrupted() {
  if (received !== null) throw new Interrupted(received);
}

/** @param {Interrupted} error */
export function exitCodeOfInterruption(error) {
  return 128 + constants.signals[error.signal];
}
