import { integer, type OptionCheck, oneOf, optionalFunction, readOptions } from '@outrelay/core';

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** What is remembered of sent messages: id, topic, key and times, or nothing. Default: `'summary'`. */
  readonly history?: 'summary' | 'none' | undefined;
  /** Milliseconds that history is kept. Default: 86,400,000 (a day). */
  readonly historyRetentionMs?: number | undefined;
  /** Milliseconds that inbox receipts are kept. Default: 2,592,000,000 (30 days). */
  readonly receiptRetentionMs?: number | undefined;
  /** The store's clock, in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Checked {@link MemoryStoreOptions}. */
export interface MemoryStoreSettings {
  readonly history: 'summary' | 'none';
  readonly historyRetentionMs: number;
  readonly receiptRetentionMs: number;
  readonly now: () => number;
}

const DAY_MS = 86_400_000;
const retention = (days: number): OptionCheck<number> => integer(days * DAY_MS, 0, Number.MAX_SAFE_INTEGER);

/** Checks the options of `memoryStore`. */
export function readMemoryOptions(options: MemoryStoreOptions): MemoryStoreSettings {
  const settings = readOptions('memoryStore', options, {
    history: oneOf<'summary' | 'none'>('summary', ['summary', 'none']),
    historyRetentionMs: retention(1),
    receiptRetentionMs: retention(30),
    now: optionalFunction<() => number>(),
  });
  return { ...settings, now: settings.now ?? Date.now };
}
