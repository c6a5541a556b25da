import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps daemons that an ordinary PATH does not list. */
const SYSTEM_PLACES = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The path of a program on PATH or in a system place, or `null`. */
export function findBinary(...names: readonly string[]): string | null {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_PLACES];
  for (const name of names) {
    for (const place of places) {
      const path = join(place, name);
      if (place !== '' && isExecutable(path)) return path;
    }
  }
  return null;
}

/** Whether this process may run the file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
