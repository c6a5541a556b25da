import { isCode, isGenerated, isText } from '../repository.mjs';

/** The brackets keep this file from containing what it looks for. */
const UNFINISHED = /\b(?:TOD[O]|FIXM[E]|XX[X])\b/;

/** A test that runs alone, or never. `skipIf` with a condition is something else: it says why. */
const FOCUSED =
  /\b(?:describe|it|test|suite)(?:\.\w+)*\.(?:only|skip|todo)\b|\b(?:fdescribe|fit|xdescribe|xit)\(/;

/** @type {import('../run-checks.mjs').Check} */
export const marks = {
  name: 'nothing is marked as unfinished, no test is switched off',
  run: ({ files, read }) => {
    return files
      .filter((file) => isText(file) && !isGenerated(file))
      .flatMap((file) =>
        read(file)
          .split('\n')
          .flatMap((line, index) => marksIn(line, file, index + 1)),
      );
  },
};

/**
 * @param {string} line
 * @param {string} file
 * @param {number} number
 */
function marksIn(line, file, number) {
  const unfinished = UNFINISHED.exec(line)?.[0];
  const focused = isCode(file) ? FOCUSED.exec(line)?.[0] : undefined;
  return [unfinished, focused]
    .filter((mark) => mark !== undefined)
    .map((mark) => `${file}:${number} contains ${mark}`);
}
