import { integer, readOptions } from '@outrelay/core';

/** Which clauses run, and on which data. */
export interface RunOptions {
  /**
   * A section (`S5`), a clause (`S5.8`), or a text that its number, case or sentence holds, whatever the case of
   * letters. Default: all that the manifest selects.
   */
  readonly grep?: string | undefined;
  /** Whole number from 0 to 4,294,967,295 from which all data is drawn. Default: 1. */
  readonly seed?: number | undefined;
}

/** Checked {@link RunOptions}. */
export interface RunSettings {
  readonly grep: string;
  readonly seed: number;
}

/** Checks run options. */
export function readRunOptions(owner: string, options: RunOptions): RunSettings {
  return readOptions(owner, options, { grep: optionalText, seed: integer(1, 0, 0xffff_ffff) });
}

function optionalText(value: unknown, name: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} must be a text such as "S5" or "S5.8".`);
}
