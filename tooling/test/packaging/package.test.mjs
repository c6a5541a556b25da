import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { environment } from '../../bootstrap/environment.mjs';
import { scratch } from '../scratch.mjs';

const PROGRAM = fileURLToPath(new URL('../../packaging/package.mjs', import.meta.url));

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
function check(files) {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM], {
    cwd: scratch({ 'package.json': MANIFEST, 'dist/index.js': 'export const x = 1;\n', ...files }),
    env: environment(),
    encoding: 'utf8',
  });
  return { status, stderr };
}

describe('the check of a package', () => {
  it('passes one that is whole', () => {
    const files = { 'dist/index.d.ts': 'export declare const x: number;\n' };
    expect(check(files)).toEqual({ status: 0, stderr: '' });
  });

  it('names a file that is not there', () => {
    const { status, stderr } = check({});
    expect(status).toBe(1);
    expect(stderr).toContain('dist/index.d.ts');
  });

  it('names types that say something else than the code', () => {
    const { status, stderr } = check({ 'dist/index.d.ts': "export { x } from './gone';\n" });
    expect(status).toBe(1);
    expect(stderr).toContain('attw');
  });
});
