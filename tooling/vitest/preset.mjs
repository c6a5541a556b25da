import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resultsFile } from '../bootstrap/results-file.mjs';

/**
 * The vitest settings of every suite here: vitest looks upwards from a package and finds them in the root. A package
 * that needs other settings has a `vitest.config.mjs` of its own, which spreads this preset.
 *
 * Two processes per suite, because the checks run on two cores and turbo runs two suites at a time. A run of
 * `npm test` names a directory for results; the totals of the suite go there, and the table is made of them.
 */
export const preset = {
  test: {
    include: ['test/**/*.test.{ts,mjs}'],
    pool: /** @type {const} */ ('forks'),
    maxWorkers: 2,
    passWithNoTests: false,
    allowOnly: false,
    slowTestThreshold: 10_000,
    // Limits for what hangs, far beyond what a loaded machine needs for anything that does not.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    reporters: reporters(),
    globalSetup: [fileURLToPath(new URL('./shared-servers.mjs', import.meta.url))],
  },
};

/** @returns {(string | [string, object])[]} */
function reporters() {
  const directory = process.env['OUTRELAY_RESULTS_DIR'] ?? '';
  const manifest = join(process.cwd(), 'package.json');
  if (directory === '' || !existsSync(manifest)) return ['default'];
  const { name } = JSON.parse(readFileSync(manifest, 'utf8'));
  const outputFile = join(directory, resultsFile(name, process.env['OUTRELAY_TEST_LANE']));
  return ['default', ['json', { outputFile }]];
}
