import { runChild } from './child.mjs';
import { environment } from './environment.mjs';

/** Two at a time: every suite starts processes of its own, and the checks are sized for two cores. */
const CONCURRENCY = '2';

/**
 * Runs one task of the workspace's packages through turbo.
 *
 * @param {string} task
 * @param {{ filters: readonly string[], env?: NodeJS.ProcessEnv, keepGoing?: boolean }} options `filters` are in
 *   turbo's form; none means all packages
 * @returns {Promise<number>} the exit code
 */
export async function turbo(task, { filters, env = {}, keepGoing = false }) {
  const { code } = await runChild(
    'turbo',
    [
      'run',
      task,
      '--ui=stream',
      `--concurrency=${CONCURRENCY}`,
      ...(keepGoing ? ['--continue=dependencies-successful'] : []),
      ...filters.map((filter) => `--filter=${filter}`),
    ],
    { env: { ...environment(), ...env } },
  );
  return code;
}
