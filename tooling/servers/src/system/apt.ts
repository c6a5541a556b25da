import { findBinary } from './binary.ts';
import { run, tail } from './run.ts';

/** Whether this process may install packages of Debian. */
export function mayInstall(): boolean {
  return findBinary('apt-get') !== null && process.getuid?.() === 0;
}

/** Installs packages of Debian; answers why that failed, or `null`. */
export async function aptInstall(packages: readonly string[]): Promise<string | null> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  let result = await run('apt-get', install, { env });
  if (result.code !== 0) {
    // A fresh image has no package lists.
    await run('apt-get', ['update'], { env });
    result = await run('apt-get', install, { env });
  }
  return result.code === 0 ? null : `apt-get install failed: ${tail(result.output, 1)}`;
}
