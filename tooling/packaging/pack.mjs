import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
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
