import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.mjs';
import { environment } from './environment.mjs';
import { ROOT, STATE } from './paths.mjs';
import { heading, say } from './progress.mjs';
import { sumRows } from './rows.mjs';
import { formatTable } from './table.mjs';
import { runTests } from './test-run.mjs';

const CHECKS = join(ROOT, 'tooling', 'checks', 'main.mjs');
const REPORT = join(STATE, 'checks.json');

/**
 * Runs everything that must hold: all suites with every server required, the checks, and the checks of a release.
 * The last line gives the totals: single tests, and each check as one.
 *
 * @returns {Promise<number>} the exit code
 */
export async function ci() {
  const rows = await runTests({ command: 'test', rest: [], require: 'all' });
  rows.push(await runChecks('check', ['untested']), await runChecks('check:release', ['release']));
  heading('Result');
  say(formatTable(rows));
  const { passed, failed } = sumRows(rows);
  say(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * @param {string} title
 * @param {readonly string[]} args
 * @returns {Promise<import('./rows.mjs').Row>}
 */
async function runChecks(title, args) {
  heading(title);
  rmSync(REPORT, { force: true });
  const { code } = await runChild(process.execPath, [CHECKS, ...args, `--report=${REPORT}`], {
    env: environment(),
  });
  /** @type {{ name: string, passed: boolean }[]} */
  const checks = existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : [];
  const failing = checks.filter(({ passed }) => !passed).map(({ name }) => name);
  // Checks that ended without saying which of them failed count as one failure.
  if (failing.length === 0 && (code !== 0 || checks.length === 0)) failing.push('the checks themselves');
  return {
    suite: title,
    server: 'none',
    passed: checks.filter(({ passed }) => passed).length,
    failed: failing.length,
    skipped: 0,
    why: failing.map((name) => `failed: ${name}`),
  };
}
