import { join, relative } from 'node:path';

/** @type {import('../run-checks.mjs').Check} */
export const licences = {
  name: 'every package carries the licence',
  run: ({ root, files, packages, read }) => {
    const expected = read('LICENSE');
    return packages
      .map(({ directory }) => relative(root, join(directory, 'LICENSE')))
      .flatMap((file) => {
        if (!files.includes(file)) return [`${file} is missing: copy the one of the root`];
        return read(file) === expected ? [] : [`${file} differs from the LICENSE of the root`];
      });
  },
};
