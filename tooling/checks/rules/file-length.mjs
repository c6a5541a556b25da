import { isCode, isGenerated } from '../repository.mjs';

const MOST_LINES = 300;

/** @type {import('../run-checks.mjs').Check} */
export const fileLength = {
  name: `no file is longer than ${MOST_LINES} lines`,
  run: ({ files, read }) => {
    return files
      .filter((file) => isCode(file) && !isGenerated(file))
      .map((file) => ({ file, lines: read(file).trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > MOST_LINES)
      .map(({ file, lines }) => `${file} has ${lines} lines: one concept per file`);
  },
};
