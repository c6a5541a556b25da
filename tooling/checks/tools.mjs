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

export const build = task('build', 'build');
export const types = task('types', 'check:types');
export const unitTests = task('unit tests', 'test:unit');
export const apiReports = task('API reports are as committed', 'check:api');
export const packages = task('packages are fit to be published', 'check:package');
export const format = program('format', ['biome', 'format', '--reporter=summary', '.']);
export const lint = program('lint', ['oxlint', '--type-aware', '--deny-warnings', '.']);
export const unused = program('nothing is unused, undeclared or missing', [
  'knip',
  '--config',
  'knip.config.mjs',
  '--no-config-hints',
]);
export const size = program('size of core', ['size-limit']);
export const adapters = program('the adapters of the guides pass with packed packages', [
  process.execPath,
  join(import.meta.dirname, '..', 'packaging', 'consumer-adapters.mjs'),
]);
export const consumer = program('packed packages work in an empty project', [
  process.execPath,
  join(import.meta.dirname, '..', 'packaging', 'consumer.mjs'),
]);
