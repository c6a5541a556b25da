import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { run } from './run.ts';
import { scratchDirectory } from './scratch-directory.ts';

const copies = new Map<string, Promise<string>>();

/**
 * The directory itself when the account can run the program in it, else a copy that it can reach.
 *
 * A checkout below a home directory is closed to the account that a server must run as. The copy is made once per
 * process and removed with it.
 *
 * @param program - a path inside the directory that answers to `--version`
 */
export async function reachableCopy(
  directory: string,
  program: string,
  account: Account | null,
): Promise<string> {
  if (account === null) return directory;
  const known = copies.get(directory);
  if (known !== undefined) return known;
  const { code } = await run(join(directory, program), ['--version'], { account, cwd: '/' });
  if (code === 0) return directory;
  const copy = copyOf(directory, account);
  copies.set(directory, copy);
  return copy;
}

async function copyOf(directory: string, account: Account): Promise<string> {
  const target = scratchDirectory('programs', account);
  await cp(directory, target, { recursive: true, dereference: true });
  return target;
}
