import { basename } from 'node:path';
import { readGlossary } from '../glossary-file.mjs';
import { identifiersOf, sqlIdentifiers, wordsOf } from '../identifiers.mjs';

/** @type {import('../run-checks.mjs').Check} */
export const glossary = {
  name: 'identifiers keep to the glossary',
  run: ({ files, read }) => {
    const { forbidden, exceptions } = readGlossary(read('GLOSSARY.md'));
    return files
      .filter((file) => /^packages\/[^/]+\/src\//.test(file))
      .flatMap((file) => namesIn(file, read))
      .flatMap(({ file, line, name }) => {
        const word = wordsOf(name).find((part) => forbidden.has(part));
        if (word === undefined || exceptions.some((entry) => entry.allows(name, file))) return [];
        return [`${file}:${line} ${name}: "${word}" is no word of ours; GLOSSARY.md has the others`];
      });
  },
};

/**
 * @param {string} file
 * @param {(file: string) => string} read
 */
function namesIn(file, read) {
  const names = [{ line: 1, name: basename(file) }];
  if (file.endsWith('.ts')) names.push(...identifiersOf(file, read(file)));
  // The texts of a migration make tables, indexes and columns, whose names outlive those of the code.
  if (/\/migrations\/[^/]+\.ts$/.test(file)) names.push(...sqlIdentifiers(file, read(file)));
  return names.map((entry) => ({ file, ...entry }));
}
