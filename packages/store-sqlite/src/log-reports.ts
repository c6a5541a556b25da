import { type FSWatcher, realpathSync, watch } from 'node:fs';

/**
 * Asks the operating system to report writes to the write-ahead log of a database that is open; `null` when it does
 * not, for example because its watches are used up. `ended` is called when there will be no more reports.
 *
 * Not every file system reports what others write (network file systems do not), so silence means nothing.
 */
export function logReports(file: string, report: () => void, ended: () => void): FSWatcher | null {
  try {
    // Beside the file itself, wherever links lead to it from.
    const reports = watch(`${realpathSync(file)}-wal`, report);
    reports.on('error', () => {
      reports.close();
      ended();
    });
    return reports;
  } catch {
    return null;
  }
}
