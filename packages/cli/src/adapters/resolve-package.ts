import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The main file of a package in the person's project, else beside the command line itself; `null` when it is missing. */
export function resolvePackage(name: string, cwd: string): string | null {
  return resolveInProject(name, cwd) ?? resolveFrom(import.meta.url, name);
}

/** The main file of a package in the person's project; `null` when it is missing there. */
export function resolveInProject(name: string, cwd: string): string | null {
  return resolveFrom(join(cwd, 'package.json'), name);
}

function resolveFrom(place: string, name: string): string | null {
  try {
    return createRequire(place).resolve(name);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Whether an import or a resolution failed because something is not installed. */
export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
}
