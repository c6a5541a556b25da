import { join } from 'node:path';
import { runChild } from '../bootstrap/child.mjs';
import { environment } from '../bootstrap/environment.mjs';

const MOST_LINES = 100;

/**
 * A check that runs a program; what the program writes is the problem when it fails.
 *
 * @param {string} name
 * @param {readonly [string, ...string[]]} command
 * @returns {import('./run-checks.mjs').Check}
 */
function program(name, [file, ...args]) {
  return {
    name,
    run: async ({ root }) => {
      const { code, output } = await runChild(file, args, { cwd: root, env: environment(), output: 'keep' });
      return code === 0 ? [] : [shortened(output) || `${file} ended with exit code ${code}`];
    },
  };
}

/**
 * The whole text, or its first lines: the rest of a long list is seen when those are dealt with.
 *
 * @param {string} output
 */
function shortened(output) {
  const lines = output.trim().split('\n');
  const more = lines.length - MOST_LINES;
  return more > 0 ? [...lines.slice(0, MOST_LINES), `… and ${more} more lines`].join('\n') : lines.join('\n');
}

/**
 * A check that runs one task in every package that has it.
 *
 * @param {string} name
 * @param {string} script
 */
function task(name, script) {
  const flags = ['--ui=stream', '--concurrency=2', '--output-logs=errors-only', '--continue=always'];
  return program(name, ['turbo', 'run', script, ...flags]);
}

/**
 * A check that is a program of `tooling/packaging`.
 *
 * @param {string} name
 * @param {string} file
 */
function packaging(name, file) {
  return program(name, [process.execPath, join(import.meta.dirname, '..', 'packaging', file)]);
}

export const build = task('build', 'build');
export const format = program('format', ['biome', 'format', '--reporter=summary', '.']);
export const lint = program('lint and types', [
  'oxlint',
  '--type-aware',
  '--type-check',
  '--deny-warnings',
  '.',
]);
export const unused = program('nothing is unused, undeclared or missing', [
  'knip',
  '--config',
  'knip.config.mjs',
  '--no-config-hints',
]);
export const unitTests = program('unit tests', [
  'vitest',
  'run',
  '--config',
  join('tooling', 'vitest', 'unit.config.mjs'),
]);
export const size = program('size of core', ['size-limit']);
export const apiReports = packaging('API reports are as committed', 'api.mjs');
export const packages = packaging('packages are fit to be published', 'packages.mjs');
export const adapters = packaging(
  'the adapters of the guides pass with packed packages',
  'consumer-adapters.mjs',
);
export const consumer = packaging('packed packages work in an empty project', 'consumer.mjs');
