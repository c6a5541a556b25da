import { runChild } from '../child.mjs';
import { environment } from '../environment.mjs';
import { PNPM_PROGRAM } from '../pnpm.mjs';
import { heading, say } from '../progress.mjs';
import { NODE24_LANE } from './node.mjs';

const CONCURRENCY = 2;

/**
 * Runs the prepared suites under Node 24, two at a time.
 *
 * @param {import('./prepare.mjs').Lane} lane
 * @param {NodeJS.ProcessEnv} variables where results go and where the servers are
 * @returns {Promise<ReadonlyMap<string, number>>} the exit code of each package
 */
export async function runNode24Suites({ suites, node, problem }, variables) {
  /** @type {Map<string, number>} */
  const codes = new Map();
  if (suites.length === 0) return codes;
  heading('Suites under Node 24');
  if (problem !== null) {
    say(problem);
    return codes;
  }
  const env = { ...environment(node), ...variables, OUTRELAY_TEST_LANE: NODE24_LANE };
  const waiting = [...suites];
  const lane = async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
      const { code } = await runChild(node, [PNPM_PROGRAM, 'run', String(suite.node24)], {
        cwd: suite.directory,
        env,
        prefix: `${suite.short} (Node 24): `,
      });
      codes.set(suite.name, code);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return codes;
}
