import { isGenerated, isText } from '../repository.mjs';

/**
 * The start of a path that exists on one machine only, also in a URL, and as a program writes it, which doubles a
 * backslash. The brackets keep this file from containing one.
 */
const LOCAL =
  /(?:^|[\s"'`(=:,])(?:file:\/\/)?(\/(?:hom[e]|User[s]|roo[t]|wor[k])\/[\w.-]+|[A-Z]:\\{1,2}\w+|\/[A-Z]:\/\w+)/;

/** @type {import('../run-checks.mjs').Check} */
export const localPaths = {
  name: 'no path of one machine',
  run: ({ files, read }) => {
    return files
      .filter((file) => isText(file) && !isGenerated(file))
      .flatMap((file) => {
        return read(file)
          .split('\n')
          .flatMap((line, index) => {
            const path = LOCAL.exec(line)?.[1];
            return path === undefined ? [] : [`${file}:${index + 1} names ${path}`];
          });
      });
  },
};
