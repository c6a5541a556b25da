// `pnpm check`, `pnpm check:repository` and `pnpm check:release`: runs the checks of one set and says which failed.
import { writeFileSync } from 'node:fs';
import { CHECK_SETS } from './check-sets.mjs';
import { runChecks } from './run-checks.mjs';

const argv = process.argv.slice(2);
const report = argv.find((argument) => argument.startsWith('--report='))?.slice('--report='.length);
const name = argv.find((argument) => !argument.startsWith('--')) ?? 'all';
const checks = CHECK_SETS[name];

if (checks === undefined) {
  console.error(`There is no set of checks named ${name}. There are: ${Object.keys(CHECK_SETS).join(', ')}.`);
  process.exitCode = 1;
} else {
  const outcomes = await runChecks(checks);
  if (report !== undefined) writeFileSync(report, JSON.stringify(outcomes));
  process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
}
