import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runChild } from './child.mjs';
import { environment } from './environment.mjs';
import { Failure } from './failure.mjs';
import { ROOT, TOOLS } from './paths.mjs';
import { say } from './progress.mjs';

/** The pnpm that this repository pins in `packageManager`. */
function pinnedPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return String(packageManager).replace('pnpm@', '');
}

/** pnpm's program, to be run by whichever Node a lane is for. */
export const PNPM_PROGRAM = join(TOOLS, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');

/** Installs the pinned pnpm into `.tools` unless it is there. */
export async function ensurePnpm() {
  const version = pinnedPnpm();
  await ensureTool(TOOLS, 'pnpm', version);
}

/**
 * Installs one npm package into a git-ignored directory of its own, unless that version is there.
 *
 * @param {string} directory
 * @param {string} name
 * @param {string} version exact
 */
export async function ensureTool(directory, name, version) {
  if (installedVersion(directory, name) === version) return;
  say(`Installing ${name} ${version}.`);
  mkdirSync(directory, { recursive: true });
  const manifest = join(directory, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : join(dirname(process.execPath), 'npm');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`];
  const { code, output } = await runChild(existsSync(npm) ? npm : 'npm', args, {
    cwd: directory,
    env: environment(),
    output: 'keep',
  });
  if (code !== 0 || installedVersion(directory, name) !== version) {
    throw new Failure(`npm could not install ${name}@${version}:\n${output}`);
  }
}

/**
 * @param {string} directory
 * @param {string} name
 * @returns {string | null}
 */
function installedVersion(directory, name) {
  try {
    return JSON.parse(readFileSync(join(directory, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch {
    return null;
  }
}
