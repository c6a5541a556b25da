import { describe, expect, it } from 'vitest';
import { pack } from '../../packaging/pack.mjs';
import { tarballProblems } from '../../packaging/tarball-problems.mjs';
import { scratch } from '../scratch.mjs';

const MANIFEST = {
  name: 'sample',
  version: '1.0.0',
  type: 'module',
  license: 'MIT',
  files: ['dist'],
  main: './dist/index.js',
  types: './dist/index.d.ts',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};

/** @param {Record<string, string | object>} files */
function problemsOf(files) {
  const directory = scratch({
    'package.json': MANIFEST,
    'dist/index.js': 'export const x = 1;\n',
    ...files,
  });
  return tarballProblems(pack(directory, scratch({})));
}

describe('the check of a packed package', () => {
  it('passes one that is whole', async () => {
    expect(await problemsOf({ 'dist/index.d.ts': 'export declare const x: number;\n' })).toEqual([]);
  });

  it('names a file that is not there', async () => {
    expect(await problemsOf({})).toContainEqual(expect.stringMatching(/^publint: .*dist\/index\.d\.ts/));
  });

  it('names types that say something else than the code', async () => {
    const problems = await problemsOf({ 'dist/index.d.ts': "export { x } from './gone';\n" });
    expect(problems).toEqual(
      ['node16', 'bundler'].map((how) =>
        expect.stringMatching(new RegExp(`^attw: Internal resolution error, .*"${how}".*\\./gone`)),
      ),
    );
  });

  it('names a package without types', async () => {
    const { types: _, ...manifest } = MANIFEST;
    const exports = { '.': './dist/index.js' };
    expect(await problemsOf({ 'package.json': { ...manifest, exports } })).toEqual([
      'attw: there are no types in it',
    ]);
  });
});
