import { basename } from 'node:path';
import { isText } from '../repository.mjs';

const FOREIGN_LOCK_FILES = new Set(['bun.lock', 'npm-shrinkwrap.json', 'package-lock.json', 'yarn.lock']);

/** Hosts of registries; the brackets are for the sake of this file. A mirror works only where it was configured. */
const REGISTRY = /registr[y]\.(?:npmjs|yarnpkg)\.|npm\.pkg\.githu[b]|npmmirro[r]\./;

/** @type {import('../run-checks.mjs').Check} */
export const lockFile = {
  name: 'one lock file, without download addresses',
  run: ({ files, read }) => {
    const foreign = files
      .filter((file) => FOREIGN_LOCK_FILES.has(basename(file)))
      .map((file) => `${file} is of another package manager; this repository uses pnpm`);
    const hosts = files
      .filter((file) => isText(file) && REGISTRY.test(read(file)))
      .map((file) => `${file} names the host of a registry`);
    const resolved = files
      .filter(
        (file) =>
          file.endsWith('pnpm-lock.yaml') && /^\s*(?:tarball|"?resolved"?):|tarball: http/m.test(read(file)),
      )
      .map((file) => `${file} holds download addresses`);
    return [...foreign, ...hosts, ...resolved];
  },
};
