import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { ROOT } from './paths.mjs';

/**
 * @typedef {object} Package
 * @property {string} name for example `@outrelay/core`
 * @property {string} short the name without its scope
 * @property {string} directory absolute
 * @property {boolean} private whether it is never published
 * @property {Record<string, string>} scripts
 * @property {readonly string[]} testServers the shared servers that its suite asks for
 * @property {boolean} preview whether it is not yet held to have proven itself
 * @property {string | null} node24 the script that runs under Node 24 as well: `test`, or `test:unit` for the part that needs
 *   no server
 * @property {readonly string[]} beyondUnits patterns of the test files that `test:unit` leaves out
 */

/**
 * Every package of the workspace but the root, as `pnpm-workspace.yaml` lists them.
 *
 * @param {string} [root]
 * @returns {Package[]}
 */
export function workspacePackages(root = ROOT) {
  return workspacePatterns(root)
    .flatMap((pattern) => directoriesOf(root, pattern))
    .filter((directory) => existsSync(join(directory, 'package.json')))
    .map(readPackage);
}

/**
 * The packages that users install: those below `packages/` that are not private.
 *
 * @param {string} [root]
 */
export function publishedPackages(root = ROOT) {
  const folder = join(root, 'packages') + sep;
  return workspacePackages(root).filter((entry) => !entry.private && entry.directory.startsWith(folder));
}

/**
 * The list is read without a YAML parser, because nothing is installed yet when this runs.
 *
 * @param {string} root
 */
function workspacePatterns(root) {
  const lines = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').split('\n');
  const start = lines.indexOf('packages:') + 1;
  const end = lines.findIndex((line, index) => index >= start && !/^\s+- /.test(line));
  return lines.slice(start, end).map((line) =>
    line
      .replace(/^\s+- /, '')
      .replaceAll(/["']/g, '')
      .trim(),
  );
}

/**
 * @param {string} root
 * @param {string} pattern a directory, or `directory/*`
 */
function directoriesOf(root, pattern) {
  if (!pattern.endsWith('/*')) return [join(root, pattern)];
  const parent = join(root, pattern.slice(0, -2));
  if (!existsSync(parent)) return [];
  const entries = readdirSync(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name));
}

/**
 * @param {string} directory
 * @returns {Package}
 */
function readPackage(directory) {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return {
    name: manifest.name,
    short: basename(manifest.name),
    directory,
    private: manifest.private === true,
    scripts: manifest.scripts ?? {},
    testServers: manifest.outrelay?.testServers ?? [],
    preview: manifest.outrelay?.preview === true,
    node24: manifest.outrelay?.node24 ?? null,
    beyondUnits: manifest.outrelay?.beyondUnits ?? [],
  };
}
