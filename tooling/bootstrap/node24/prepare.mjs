import { join, relative } from 'node:path';
import { runChild } from '../child.mjs';
import { environment } from '../environment.mjs';
import { Interrupted } from '../interruption.mjs';
import { ROOT, STATE } from '../paths.mjs';
import { PNPM_PROGRAM } from '../pnpm.mjs';
import { pnpmStore } from '../pnpm-store.mjs';
import { say } from '../progress.mjs';
import { mirror } from './copy.mjs';
import { ensureNode24 } from './node.mjs';

const COPY = join(STATE, 'node24');
/** Milliseconds for the dependencies: without it, a registry that does not answer would keep the run for ever. */
const INSTALL_LIMIT_MS = 600_000;

/**
 * @typedef {object} Lane
 * @property {readonly import('../workspace.mjs').Package[]} suites with their directories in the copy
 * @property {string} node the program of Node 24
 * @property {string | null} problem why the lane cannot run, if it cannot
 */

/**
 * Prepares the suites that run under Node 24 as well.
 *
 * A native module serves one version of Node, so the lane has a copy of the workspace with dependencies of its own.
 * The copy and what was compiled in it stay from run to run; the files are brought up to date, and pnpm sees to the
 * dependencies. Results are never kept. The work runs beside the suites of the first lane and never rejects, except
 * at a signal.
 *
 * @param {readonly import('../workspace.mjs').Package[]} suites
 * @returns {Promise<Lane>}
 */
export async function prepareNode24(suites) {
  const wanted = suites.filter(({ node24 }) => node24 !== null);
  if (wanted.length === 0 || process.versions.node.startsWith('24.')) {
    return { suites: [], node: process.execPath, problem: null };
  }
  const copies = wanted.map((suite) => ({
    ...suite,
    directory: join(COPY, relative(ROOT, suite.directory)),
  }));
  say('Node 24: preparing a copy of the workspace, beside the suites.');
  try {
    const node = await ensureNode24();
    await mirror(ROOT, COPY);
    const filters = wanted.map(({ name }) => `--filter=${name}...`);
    const args = [PNPM_PROGRAM, 'install', '--frozen-lockfile', '--reporter=append-only', ...filters];
    const { code, output } = await runChild(node, args, {
      cwd: COPY,
      env: { ...environment(node), ...pnpmStore(COPY) },
      output: 'keep',
      limitMs: INSTALL_LIMIT_MS,
    });
    const problem =
      code === 0 ? null : `pnpm install failed: ${output.trim().split('\n').slice(-5).join(' ')}`;
    return { suites: copies, node, problem };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return { suites: copies, node: '', problem: error instanceof Error ? error.message : String(error) };
  }
}
