import { basename, join, relative } from 'node:path';
import { dependencyProblems } from '../manifest-dependencies.mjs';
import { exportProblems } from '../manifest-exports.mjs';

/** What every package says of itself in the same words. */
const SAME = /** @type {const} */ ({ license: 'MIT', type: 'module' });

/** Tasks that every package must have. */
const SCRIPTS = ['build', 'test'];

const FILES = ['dist', 'README.md', 'LICENSE'];

/** @type {import('../run-checks.mjs').Check} */
export const manifests = {
  name: 'every package says what npm and its users need to know',
  run: async ({ root, files, packages, read }) => {
    // Loaded only here: the build, which comes before this, makes it.
    const { isServerName } = await import('@outrelay/servers');
    const { engines } = JSON.parse(read('package.json'));
    return packages.flatMap(({ directory }) => {
      const folder = relative(root, directory);
      const manifest = JSON.parse(read(join(folder, 'package.json')));
      const problems = [
        ...identityProblems(manifest, basename(directory), engines.node),
        ...scriptProblems(manifest),
        ...exportProblems(manifest),
        ...dependencyProblems(manifest),
        ...serverProblems(manifest, isServerName),
      ];
      if (!files.includes(join(folder, 'README.md'))) problems.push('it has no README.md');
      return problems.map((problem) => `${folder}: ${problem}`);
    });
  },
};

/**
 * @param {import('../manifest-exports.mjs').Manifest} manifest
 * @param {string} folder
 * @param {string} node
 */
function identityProblems(manifest, folder, node) {
  const problems = [];
  if (![`@outrelay/${folder}`, 'outrelay'].includes(manifest.name))
    problems.push(`its name is ${manifest.name}`);
  for (const [field, value] of Object.entries(SAME)) {
    if (manifest[field] !== value) problems.push(`${field} must be ${JSON.stringify(value)}`);
  }
  // A program is all side effects; of a library a bundler may drop what nobody imports.
  if (manifest['bin'] === undefined && manifest['sideEffects'] !== false) {
    problems.push('sideEffects must be false');
  }
  if (!manifest.description) problems.push('it has no description');
  if (!manifest.keywords?.length) problems.push('it has no keywords');
  if (manifest.engines?.node !== node) problems.push(`engines.node must be "${node}", as in the root`);
  if (manifest.publishConfig?.access !== 'public') problems.push('publishConfig.access must be "public"');
  for (const file of FILES) {
    if (!manifest.files?.includes(file)) problems.push(`files must list ${file}`);
  }
  return problems;
}

/** @param {import('../manifest-exports.mjs').Manifest} manifest */
function scriptProblems({ scripts = {} }) {
  return SCRIPTS.filter((name) => scripts[name] === undefined).map((name) => `it has no script ${name}`);
}

/**
 * @param {import('../manifest-exports.mjs').Manifest} manifest
 * @param {(name: string) => boolean} isServer
 */
function serverProblems({ outrelay }, isServer) {
  const names = outrelay?.testServers ?? [];
  return names.filter((name) => !isServer(name)).map((name) => `outrelay.testServers: nobody knows ${name}`);
}
