import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from './binary.ts';
import { forgetDirectory, reapDirectory } from './reaper.ts';
import { runToEnd } from './run.ts';

const SUITE = 'sid';

/**
 * Programs of a newer Debian do not run on the libraries of an older one. They run in a directory that holds a small
 * Debian of their own, entered with `chroot`: same kernel, same network, other libraries.
 *
 * Making one takes about a minute, so it is kept between runs, outside of any checkout.
 */
function rootDirectory(packages: readonly string[]): string {
  const cache = process.env['XDG_CACHE_HOME'];
  const base = cache === undefined || cache === '' ? join(homedir(), '.cache') : cache;
  return join(base, 'outrelay', [SUITE, ...packages].join('-'));
}

/** The directory with these packages, or `null` when none has been made or this process may not enter it. */
export function findDebianRoot(packages: readonly string[]): string | null {
  const root = rootDirectory(packages);
  return process.getuid?.() === 0 && findBinary('chroot') !== null && existsSync(root) ? root : null;
}

/**
 * Makes a directory with these packages, as root on a Debian.
 *
 * It gets its name when it is complete: a run that is interrupted leaves nothing that looks finished, and of two that
 * make it at the same time one gives up its own.
 */
export async function makeDebianRoot(packages: readonly string[]): Promise<void> {
  const root = rootDirectory(packages);
  const draft = `${root}.${process.pid}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await mkdir(join(root, '..'), { recursive: true });
  reapDirectory(draft);
  try {
    await runToEnd('debootstrap', ['--variant=minbase', SUITE, draft], { env });
    const install = `apt-get install --yes --no-install-recommends ${packages.join(' ')} && apt-get clean`;
    // Scripts of packages look into /proc. Mounted in a namespace of its own, it is gone with the command.
    const mounted = `mount -t proc proc "$1/proc" && exec chroot "$1" sh -c '${install}'`;
    await runToEnd('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', mounted, 'sh', draft], {
      env,
    });
    await chmod(draft, 0o755);
    await rename(draft, root).catch((error: unknown) => {
      if (!existsSync(root)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
    forgetDirectory(draft);
  }
}
