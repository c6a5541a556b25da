import { chownSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { forgetDirectory, reapDirectory } from './reaper.ts';

/**
 * Creates a directory that is gone after this process, whatever way it ends.
 *
 * @param parent - Default: the directory of the system for temporary files
 */
export function scratchDirectory(
  name: string,
  owner: Account | null = null,
  parent: string = tmpdir(),
): string {
  const path = mkdtempSync(join(parent, `outrelay-${name}-`));
  reapDirectory(path);
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
  return path;
}

/** Removes a directory of {@link scratchDirectory}; the server that used it has ended. */
export async function removeScratchDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  forgetDirectory(path);
}
