import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A program that imports an entry point and fails when it brings nothing.
 *
 * @param {string} specifier
 */
export function importProgram(specifier) {
  return [
    `import * as api from '${specifier}';`,
    '',
    'const names: readonly string[] = Object.keys(api);',
    `if (names.length === 0) throw new Error('${specifier} exports nothing');`,
    '',
  ].join('\n');
}

/**
 * A program that requires an entry point, which is an ES module, and compares it with what an import brings.
 *
 * @param {string} specifier
 */
export function requireProgram(specifier) {
  return [
    "const { deepEqual } = require('node:assert/strict');",
    '',
    `const required = require('${specifier}');`,
    `import('${specifier}').then((imported) => {`,
    '  deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());',
    '  for (const name of Object.keys(imported)) deepEqual(required[name] === imported[name], true, name);',
    '});',
    '',
  ].join('\n');
}

/**
 * The compiler settings of a strict project that knows nothing of this repository.
 *
 * @param {string} resolution `nodenext`, or `bundler`
 */
export function typeScriptConfig(resolution) {
  return {
    compilerOptions: {
      target: 'es2023',
      module: resolution === 'nodenext' ? 'nodenext' : 'esnext',
      moduleResolution: resolution,
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      ...(resolution === 'nodenext' ? {} : { noEmit: true }),
    },
    include: ['*.ts'],
  };
}

/**
 * The programs that a package installs.
 *
 * @param {string} directory of the package
 * @returns {Record<string, string>}
 */
export function binaryProgram(directory) {
  const { name, bin = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return typeof bin === 'string' ? { [name.split('/').at(-1)]: bin } : bin;
}
