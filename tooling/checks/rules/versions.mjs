import { join, relative } from 'node:path';

/** @type {import('../run-checks.mjs').Check} */
export const versions = {
  name: 'all packages have one version',
  run: ({ root, packages, read }) => {
    const found = packages.map(({ short, directory }) => {
      const { version } = JSON.parse(read(relative(root, join(directory, 'package.json'))));
      return { short, version };
    });
    const distinct = new Set(found.map(({ version }) => version));
    if (distinct.size <= 1) return [];
    return [
      `They are released together, but: ${found.map(({ short, version }) => `${short} ${version}`).join(', ')}`,
    ];
  },
};
