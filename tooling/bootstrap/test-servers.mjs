import { say } from './progress.mjs';

/**
 * @typedef {import('@outrelay/servers').Search} Search
 * @typedef {import('@outrelay/servers').ServerName} ServerName
 */

/**
 * Finds the shared servers that the suites ask for, and no other.
 *
 * The package that does it is loaded only here, because it must be built first.
 *
 * @param {readonly import('./workspace.mjs').Package[]} suites
 * @returns {Promise<Search[]>} in the order of their names
 */
export async function findServers(suites) {
  const names = [...new Set(suites.flatMap(({ testServers }) => testServers))].toSorted();
  if (names.length === 0) {
    say('No selected suite asks for a shared server.');
    return [];
  }
  const { findServer, isServerName } = await import('@outrelay/servers');
  /** @type {Search[]} */
  const searches = [];
  for (const name of names) {
    if (!isServerName(name))
      throw new TypeError(`A package asks for the server ${name}, which has no ladder.`);
    const search = await findServer(name, {
      install: true,
      onInstall: (title) => say(`${title} is not on this machine: looking for a package`),
    });
    say(describe(search));
    searches.push(search);
  }
  return searches;
}

/**
 * The variables that tell the suites where the servers are; a variable of a missing server is emptied, so that a
 * suite does not run against something the ladder has refused.
 *
 * @param {readonly Search[]} searches
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function serverVariables(searches) {
  if (searches.length === 0) return {};
  const { urlVariable } = await import('@outrelay/servers');
  return Object.fromEntries(
    searches.map((search) => [urlVariable(search.name), search.status === 'found' ? search.url : '']),
  );
}

/**
 * Ends what was started for the run.
 *
 * @param {readonly Search[]} searches
 */
export async function endServers(searches) {
  for (const search of searches) if (search.status === 'found') await search.remove();
}

/** @param {Search} search */
function describe(search) {
  return search.status === 'found'
    ? `${search.title} ${search.version}, ${search.origin}`
    : `No ${search.title}: ${search.why}\n  ${search.remedy}`;
}
