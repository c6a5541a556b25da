import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { consumerDependencies } from '../../packaging/consumer-dependencies.mjs';
import { entryPoints } from '../../packaging/entry-points.mjs';
import { scratch } from '../scratch.mjs';

describe('entryPoints', () => {
  it('lists modules by what users import', () => {
    const directory = scratch({
      'package.json': {
        name: '@outrelay/store-x',
        exports: {
          '.': { types: './dist/index.d.ts', default: './dist/index.js' },
          './knex': { types: './dist/knex.d.ts', default: './dist/knex.js' },
          './package.json': './package.json',
        },
      },
    });
    expect(entryPoints(directory)).toEqual([
      {
        specifier: '@outrelay/store-x',
        title: 'store-x',
        types: join(directory, 'dist/index.d.ts'),
        code: join(directory, 'dist/index.js'),
      },
      {
        specifier: '@outrelay/store-x/knex',
        title: 'store-x-knex',
        types: join(directory, 'dist/knex.d.ts'),
        code: join(directory, 'dist/knex.js'),
      },
    ]);
  });
});

describe('consumerDependencies', () => {
  it('names drivers and their types in the installed versions, and none of ours', () => {
    const directory = scratch({
      'package.json': {
        peerDependencies: { '@outrelay/core': 'workspace:^', driver: '^1.0.0', absent: '^1.0.0' },
        devDependencies: { '@types/driver': '1.0.1', driver: 'catalog:', other: '1.0.0' },
      },
      'node_modules/driver/package.json': { version: '1.4.2' },
      'node_modules/@types/driver/package.json': { version: '1.0.1' },
      'node_modules/@outrelay/core/package.json': { version: '0.0.0' },
    });
    const entry = {
      name: 'x',
      short: 'x',
      directory,
      private: false,
      scripts: {},
      testServers: [],
      node24: null,
      beyondUnits: [],
      preview: false,
    };
    expect(consumerDependencies([entry])).toEqual({ driver: '1.4.2', '@types/driver': '1.0.1' });
  });
});
