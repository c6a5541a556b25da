import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { publishedPackages } from '../bootstrap/workspace.mjs';

/**
 * What the checks look at.
 *
 * @typedef {object} Repository
 * @property {string} root
 * @property {readonly string[]} files every file that is committed or could be, relative to the root
 * @property {readonly import('../bootstrap/workspace.mjs').Package[]} packages those that users install
 * @property {(file: string) => string} read the text of a file
 */

const BINARY = new Set(['.gif', '.ico', '.jpg', '.png', '.tgz', '.webp']);

/**
 * Reads the repository at a root; the checks' own tests give them small ones.
 *
 * @param {string} [root]
 * @returns {Repository}
 */
export function readRepository(root = ROOT) {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout, status } = spawnSync('git', listing, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`git cannot list the files of ${root}; the checks run on a checkout.`);
  const files = stdout
    .split('\0')
    // A file that was deleted but is still in the index is no longer there to be checked.
    .filter((file) => file !== '' && existsSync(join(root, file)));
  return {
    root,
    files: files.toSorted(),
    packages: publishedPackages(root),
    read: (file) => readFileSync(join(root, file), 'utf8'),
  };
}

/** @param {string} file */
export function isText(file) {
  return !BINARY.has(extname(file));
}

/** @param {string} file */
export function isCode(file) {
  return ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'].includes(extname(file));
}

/**
 * Files that a program writes; what is said about handwriting does not hold for them.
 *
 * @param {string} file
 */
export function isGenerated(file) {
  return file === 'pnpm-lock.yaml' || file.endsWith('.api.md') || file.includes('/generated/');
}
