import { execFileSync } from 'node:child_process';
import { readRepository } from '../checks/repository.mjs';
import { scratch } from './scratch.mjs';

const WORKSPACE = { 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n\nsaveExact: true\n' };

// In a hook, or in a command that a rebase runs, these name the repository that git is at work on.
for (const name of Object.keys(process.env)) if (name.startsWith('GIT_')) delete process.env[name];

/**
 * A small repository for the checks to look at.
 *
 * @param {Record<string, string | object>} files
 */
export function scratchRepository(files) {
  const root = scratch({ ...WORKSPACE, ...files });
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  return readRepository(root);
}
