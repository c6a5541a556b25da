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
  const output = mustRun('pnpm', ['pack', '--json', '--pack-destination', resolve(destination)], directory);
  return resolve(destination, JSON.parse(output.slice(output.indexOf('{'))).filename);
}
