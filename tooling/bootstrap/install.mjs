import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { environment } from './environment.mjs';
import { Failure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { ROOT, STATE } from './paths.mjs';
import { ensurePnpm, PNPM_PROGRAM } from './pnpm.mjs';
import { pnpmStore } from './pnpm-store.mjs';
import { heading, say } from './progress.mjs';

/** Names the Node that native modules were compiled for; one build serves one such version only. */
const STAMP = join(STATE, 'native-modules');

/** Installs pnpm and every dependency, exactly as the lock file says; takes a second when nothing changed. */
export function install() {
  return withLock('install', async () => {
    heading('Install');
    await ensurePnpm();
    const fresh = !existsSync(join(ROOT, 'node_modules'));
    if (fresh) say('The first time takes two to three minutes: a native module is compiled.');
    await pnpm(['install', '--frozen-lockfile', '--reporter=append-only']);
    const compiledFor = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : null;
    if (compiledFor !== null && compiledFor !== process.versions.modules) {
      say('Another version of Node than last time: native modules are compiled again.');
      await pnpm(['rebuild', '--recursive', '--reporter=append-only']);
    }
    mkdirSync(STATE, { recursive: true });
    writeFileSync(STAMP, process.versions.modules);
  });
}

/**
 * The chatter of a compiler: of hundreds of lines, those that name a file show that it gets on.
 *
 * @param {string} line
 */
function isProgress(line) {
  return (
    !/ install: /.test(line) || / install: +(?:CC|CXX|SOLINK_MODULE)\(|install: (?:Done|Failed)/.test(line)
  );
}

/** @param {readonly string[]} args */
async function pnpm(args) {
  const { code, output } = await runChild(process.execPath, [PNPM_PROGRAM, ...args], {
    env: { ...environment(), ...pnpmStore(ROOT) },
    shows: isProgress,
  });
  if (code === 0) return;
  const hidden = output.split('\n').filter((line) => !isProgress(line));
  throw new Failure([...hidden, `pnpm ${args[0]} failed; the lines above say why.`].join('\n'));
}
