import { relative, sep } from 'node:path';
import { publishedPackages } from './tooling/bootstrap/workspace.mjs';
import { entryPoints } from './tooling/packaging/entry-points.mjs';

/** The sources of what the packages export: manifests name the built files. */
const packages = Object.fromEntries(
  publishedPackages().map(({ directory }) => {
    const sources = entryPoints(directory).map(({ code }) => {
      return relative(directory, code)
        .replaceAll(sep, '/')
        .replace(/^dist\//, 'src/')
        .replace(/\.js$/, '.ts');
    });
    const entry = [...sources, 'src/bin.ts', 'test/**/*.test.ts'];
    return [`packages/${directory.split(sep).at(-1)}`, { entry, project: ['src/**/*.ts', 'test/**/*.ts'] }];
  }),
);

export default {
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    '.': {
      entry: ['*.config.mjs'],
      project: [],
      // For `vitest` on the PATH of whoever works here; the suites use the one of their package.
      ignoreDependencies: ['vitest'],
    },
    tooling: {
      entry: [
        '*/main.mjs',
        'bootstrap/commands.mjs',
        'packaging/{api,consumer,consumer-adapters,packages}.mjs',
        'vitest/*.mjs',
        'test/**/*.test.mjs',
      ],
      project: ['**/*.mjs', '!servers/**'],
    },
    'tooling/servers': {
      entry: [
        'src/index.ts',
        'src/documentdb/program.ts',
        'reaper.mjs',
        'test/**/*.test.ts',
        'test/fixtures/*.mjs',
      ],
      project: ['src/**/*.ts', 'test/**', '*.mjs'],
    },
    lab: {
      entry: ['src/*/{main,range-thread,*-program}.ts', 'test/**/*.test.ts'],
      project: ['src/**/*.ts', 'test/**/*.ts'],
    },
    bench: {
      entry: [
        'src/main.ts',
        'src/harness/contender-host.ts',
        'src/contenders/*/*.ts',
        'src/traffic/producer.ts',
        'src/traffic/consumer.ts',
        'test/**/*.test.ts',
      ],
      project: ['src/**/*.ts', 'test/**/*.ts'],
    },
    'lab/properties': { entry: ['src/index.ts'], project: ['src/**/*.ts'] },
    'examples/{custom-store,custom-transport,naive-outbox}': {
      entry: ['harness.mjs', 'test/*.mjs'],
      project: ['**/*.mjs'],
    },
    ...packages,
    // Prisma reads its schemas, and the tests of the command line resolve the suite as an application would.
    'packages/orm-tests': {
      entry: ['src/generate.mjs', 'test/**/*.test.ts'],
      project: ['{src,test}/**/*.{ts,mjs}'],
    },
    'packages/cli': { ...packages['packages/cli'], ignoreDependencies: ['@outrelay/conformance'] },
  },
};
