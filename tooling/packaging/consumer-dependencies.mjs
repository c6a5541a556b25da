import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a project needs beside our packages: the drivers they name as peers, and the type packages that go with them,
 * in the versions the packages themselves are tested with.
 *
 * @param {readonly import('../bootstrap/workspace.mjs').Package[]} packages
 * @returns {Record<string, string>}
 */
export function consumerDependencies(packages) {
  /** @type {Record<string, string>} */
  const versions = {};
  for (const { directory } of packages) {
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const peers = Object.keys(manifest.peerDependencies ?? {});
    const types = Object.keys(manifest.devDependencies ?? {}).filter((name) => name.startsWith('@types/'));
    for (const name of [...peers, ...types]) {
      const version = installedVersion(directory, name);
      if (!name.startsWith('@outrelay/') && version !== null) versions[name] ??= version;
    }
  }
  return versions;
}

/**
 * @param {string} directory
 * @param {string} name
 * @returns {string | null}
 */
function installedVersion(directory, name) {
  const path = join(directory, 'node_modules', name, 'package.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : null;
}
