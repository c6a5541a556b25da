import { describe, expect, it } from 'vitest';
import { dependencyProblems } from '../../checks/manifest-dependencies.mjs';
import { manifests } from '../../checks/rules/manifests.mjs';
import { scratchRepository } from '../scratch-repository.mjs';

const MANIFEST = {
  name: '@outrelay/store-x',
  description: 'A store.',
  keywords: ['outbox'],
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20.19' },
  main: './dist/index.js',
  types: './dist/index.d.ts',
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  files: ['dist', 'README.md', 'LICENSE'],
  publishConfig: { access: 'public' },
  scripts: { build: 'tsc', test: 'vitest run' },
  peerDependencies: { '@outrelay/core': 'workspace:^', driver: '^1.0.0' },
  devDependencies: { '@outrelay/core': 'workspace:*', driver: '1.2.3', typescript: 'catalog:' },
  outrelay: { testServers: ['redis'] },
};

/** @param {object} change */
function problemsWith(change) {
  return manifests.run(
    scratchRepository({
      'package.json': { engines: { node: '>=20.19' } },
      'packages/store-x/package.json': { ...MANIFEST, ...change },
      'packages/store-x/README.md': '# Store',
    }),
  );
}

describe('manifests', () => {
  it('takes a complete one', async () => {
    expect(await problemsWith({})).toEqual([]);
  });

  it.each([
    [{ name: '@outrelay/other' }, 'its name is @outrelay/other'],
    [{ license: 'ISC' }, 'license must be "MIT"'],
    [{ sideEffects: true }, 'sideEffects must be false'],
    [{ engines: { node: '>=18' } }, 'engines.node must be ">=20.19", as in the root'],
    [{ publishConfig: {} }, 'publishConfig.access must be "public"'],
    [{ files: ['dist', 'README.md'] }, 'files must list LICENSE'],
    [{ scripts: { build: 'tsc' } }, 'it has no script test'],
    [{ main: './dist/other.js' }, 'main must name the same file as exports "."'],
    [{ exports: { '.': MANIFEST.exports['.'] } }, 'exports must list "./package.json"'],
    [
      { exports: { ...MANIFEST.exports, './knex': './dist/knex.js' } },
      'exports "./knex" must have the conditions types, default; it has none',
    ],
    [{ outrelay: { testServers: ['oracle'] } }, 'outrelay.testServers: nobody knows oracle'],
  ])('refuses %j', async (change, problem) => {
    const problems = await problemsWith(change);
    expect(problems).toEqual([expect.stringContaining(`packages/store-x: ${problem}`)]);
  });

  it('lets data be exported by its path', async () => {
    expect(await problemsWith({ exports: { ...MANIFEST.exports, './words': './words.json' } })).toEqual([]);
  });

  it('wants types before code', async () => {
    const { types, default: code } = MANIFEST.exports['.'];
    const exports = { ...MANIFEST.exports, '.': { default: code, types } };
    expect(await problemsWith({ exports })).toEqual([expect.stringContaining('conditions types, default')]);
  });
});

describe('dependencies', () => {
  const peerDependencies = { '@outrelay/core': 'workspace:^' };

  it.each([
    [{ name: '@outrelay/core', dependencies: { x: '^1.0.0' } }, 'core has no dependencies'],
    [{ name: '@outrelay/core', optionalDependencies: { x: '^1.0.0' } }, 'core has no dependencies'],
    [{ name: '@outrelay/cli', dependencies: { '@outrelay/core': 'workspace:*' } }, 'must be "workspace:^"'],
    [{ name: '@outrelay/store-x' }, '@outrelay/core must be a peer dependency'],
    [{ name: '@outrelay/cli', devDependencies: { x: '^1.0.0' } }, 'x must be pinned exactly; it is "^1.0.0"'],
    [
      {
        name: '@outrelay/store-x',
        peerDependencies: { ...peerDependencies, '@outrelay/store-y': 'workspace:^' },
      },
      'no adapter depends on another: @outrelay/store-y',
    ],
    [
      { name: '@outrelay/store-x', peerDependencies, dependencies: { driver: '^1.0.0' } },
      'driver must be a peer dependency',
    ],
    [
      { name: '@outrelay/transport-x', peerDependencies, optionalDependencies: { driver: '^1.0.0' } },
      'driver must be a peer dependency',
    ],
  ])('refuses %j', (manifest, problem) => {
    expect(dependencyProblems(manifest)).toEqual([expect.stringContaining(problem)]);
  });

  it('takes exact pins, catalogues and aliases', () => {
    const devDependencies = {
      a: '1.2.3-beta.4',
      b: 'catalog:',
      c: 'npm:@x/c@5.11.1',
      '@outrelay/servers': 'workspace:*',
    };
    expect(dependencyProblems({ name: '@outrelay/cli', devDependencies })).toEqual([]);
  });
});
