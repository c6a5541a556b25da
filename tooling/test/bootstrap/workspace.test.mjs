import { describe, expect, it } from 'vitest';
import { selectSuites } from '../../bootstrap/select.mjs';
import { publishedPackages, workspacePackages } from '../../bootstrap/workspace.mjs';
import { scratch } from '../scratch.mjs';

function workspace() {
  return scratch({
    'pnpm-workspace.yaml':
      'packages:\n  - packages/*\n  - packages/core/mutants\n  - "tooling"\n  - bench\n\ncatalog:\n  - no package\n',
    'packages/core/package.json': { name: '@outrelay/core', scripts: { test: 'x' } },
    'packages/redis/package.json': {
      name: '@outrelay/redis',
      scripts: { test: 'x' },
      outrelay: { testServers: ['redis'], beyondUnits: ['test/far/**'], node24: 'test:unit' },
    },
    'packages/core/mutants/package.json': { name: '@outrelay/mutants', private: true },
    'packages/empty/README.md': 'no manifest',
    'tooling/package.json': { name: '@outrelay/tooling' },
  });
}

describe('the workspace', () => {
  it('is read from the patterns, without directories that hold no package', () => {
    const packages = workspacePackages(workspace());
    expect(packages.map(({ short }) => short)).toEqual(['core', 'redis', 'mutants', 'tooling']);
    expect(packages[1]).toMatchObject({
      name: '@outrelay/redis',
      testServers: ['redis'],
      beyondUnits: ['test/far/**'],
      node24: 'test:unit',
    });
    expect(packages[0]).toMatchObject({ testServers: [], beyondUnits: [], node24: null });
  });

  it('publishes what is below packages/ and not private', () => {
    expect(publishedPackages(workspace()).map(({ short }) => short)).toEqual(['core', 'redis']);
  });
});

describe('selectSuites', () => {
  const packages = () => workspacePackages(workspace());

  it('takes every package with a suite, or the named ones', () => {
    expect(selectSuites(packages(), []).map(({ short }) => short)).toEqual(['core', 'redis']);
    expect(selectSuites(packages(), ['redis']).map(({ short }) => short)).toEqual(['redis']);
    expect(selectSuites(packages(), ['@outrelay/core']).map(({ short }) => short)).toEqual(['core']);
  });

  it('refuses a name that has no suite, and lists those there are', () => {
    expect(() => selectSuites(packages(), ['tooling'])).toThrow('named tooling. There are: core, redis.');
  });
});
