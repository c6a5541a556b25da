import { heading, say } from './progress.mjs';
import { sumRows } from './rows.mjs';
import { formatTable } from './table.mjs';
import { runTests } from './test-run.mjs';

/**
 * Runs the suites and prints the table.
 *
 * @param {import('./arguments.mjs').Arguments} args
 * @returns {Promise<number>} the exit code
 */
export async function testCommand(args) {
  const rows = await runTests(args);
  heading('Result');
  say(formatTable(rows));
  const { passed, failed, skipped } = sumRows(rows);
  say(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0 ? 0 : 1;
}
