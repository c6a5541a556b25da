import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { mustRun } from './run.mjs';

/**
 * Packs a package as it will be published. pnpm does it, because npm would leave `workspace:` in the manifest.
 *
 * @param {string} directory of the package
 * @param {string} destination
 * @returns {string} the path of the tarball
 */
export function pack(directory, destination) {
  mkdirSync(destination, { recursive: true });
  const stdout = mustRun('pnpm', ['pack', '--json', '--pack-destination', resolve(destination)], directory);
  return resolve(destination, JSON.parse(stdout.slice(stdout.indexOf('{'))).filename);
}

/**
 * Packs many packages of this workspace with one start of pnpm.
 *
 * @param {readonly import('../bootstrap/workspace.mjs').Package[]} packages
 * @param {string} destination
 * @returns {Readonly<Record<string, string>>} the path of each tarball, by the name of its package
 */
export function packAll(packages, destination) {
  mkdirSync(destination, { recursive: true });
  const filters = packages.flatMap(({ name }) => ['--filter', name]);
  const options = ['--recursive', ...filters, 'pack', '--json', '--pack-destination', resolve(destination)];
  const stdout = mustRun('pnpm', options, ROOT);
  /** @type {{ name: string, filename: string }[]} */
  const packed = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return Object.fromEntries(packed.map(({ name, filename }) => [name, resolve(destination, filename)]));
}
