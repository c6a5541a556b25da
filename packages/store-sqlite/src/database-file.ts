import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** The file that holds the outbox. */
export class DatabaseFile {
  /** Absolute, so that a later change of the working directory changes nothing. */
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  /** Whether another path leads to this file; links and the case of letters make no difference. */
  isAt(path: string): boolean {
    if (resolve(path) === this.path) return true;
    // With bigint: a device and an inode number of Windows exceed what a number holds.
    const own = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    const other = statSync(path, { bigint: true, throwIfNoEntry: false });
    return own !== undefined && own.dev === other?.dev && own.ino === other.ino;
  }
}
