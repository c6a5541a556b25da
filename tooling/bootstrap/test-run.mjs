import { mkdirSync, rmSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { install } from './install.mjs';
import { NODE24_LANE } from './node24/node.mjs';
import { prepareNode24 } from './node24/prepare.mjs';
import { runNode24Suites } from './node24/suites.mjs';
import { RESULTS } from './paths.mjs';
import { heading, say } from './progress.mjs';
import { failedOutside, notPrepared, readResult, withExitCode } from './results.mjs';
import { makeRow } from './rows.mjs';
import { selectSuites } from './select.mjs';
import { endServers, findServers, serverVariables } from './test-servers.mjs';
import { turbo } from './turbo.mjs';
import { workspacePackages } from './workspace.mjs';

/** The package that finds servers. */
const SERVERS = '@outrelay/servers';

/**
 * Installs, builds, finds servers, runs the selected suites, and those that ask for it under Node 24 as well.
 *
 * @param {import('./arguments.mjs').Arguments} args
 * @returns {Promise<import('./rows.mjs').Row[]>} one row per suite and lane
 */
export async function runTests({ rest, require: required }) {
  const suites = selectSuites(workspacePackages(), rest);
  await install();
  heading('Build');
  // What cannot be built has no suite to run either, and gets its row; without the servers there is no run.
  const filters = [SERVERS, ...suites.map(({ name }) => `${name}...`)];
  const built = (await turbo('build', { filters, keepGoing: true })) === 0;
  if (!built && (await turbo('build', { filters: [SERVERS] })) !== 0) {
    throw new Failure('The package that brings up servers could not be built.');
  }
  heading('Servers');
  const searches = await findServers(suites);
  try {
    rmSync(RESULTS, { recursive: true, force: true });
    mkdirSync(RESULTS, { recursive: true });
    const env = { ...(await serverVariables(searches)), OUTRELAY_RESULTS_DIR: RESULTS };
    const preparing = prepareNode24(suites);
    let prepared = false;
    preparing.then(
      () => (prepared = true),
      // Awaited below; a signal that comes before that must not count as an unhandled rejection.
      () => undefined,
    );
    heading('Suites');
    const code = await turbo('test', { filters: suites.map(({ name }) => name), env, keepGoing: true });
    if (!prepared) say('Node 24: waiting for the copy; a native module may have to be compiled.');
    const lane = await preparing;
    const codes = await runNode24Suites(lane, env);
    const rows = suites.map((suite) => {
      return makeRow(suite.short, readResult(suite.name), searchesOf(suite, searches), required);
    });
    // A runner can fail although each report is good; that must not get lost.
    if (code !== 0 && rows.every(({ failed }) => failed === 0)) {
      rows.push(makeRow('turbo', failedOutside(code), [], required));
    }
    const rows24 = lane.suites.map((suite) => {
      const title = `${suite.short} (Node 24)`;
      if (lane.problem !== null)
        return makeRow(title, notPrepared(lane.problem, required === 'all'), [], required);
      const result = withExitCode(readResult(suite.name, NODE24_LANE), codes.get(suite.name) ?? 1);
      return makeRow(title, result, suite.node24 === 'test' ? searchesOf(suite, searches) : [], required);
    });
    return [...rows, ...rows24];
  } finally {
    await endServers(searches);
  }
}

/**
 * @param {import('./workspace.mjs').Package} suite
 * @param {readonly import('./test-servers.mjs').Search[]} searches
 */
function searchesOf({ testServers }, searches) {
  return searches.filter(({ name }) => testServers.includes(name));
}
