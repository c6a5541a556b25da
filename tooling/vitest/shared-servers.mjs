import { existsSync, readFileSync } from 'node:fs';

/**
 * Finds the shared servers of a package whose suite is started by hand, so that `pnpm vitest` in a package behaves
 * like `npm test`. In a run of `npm test` the servers were found before, and this does nothing. The variable of a
 * missing server is emptied, so that a suite does not run against something the ladder has refused.
 *
 * @returns {Promise<(() => Promise<void>) | undefined>} what ends the servers that were started
 */
export async function setup() {
  if ((process.env['OUTRELAY_RESULTS_DIR'] ?? '') !== '' || !existsSync('package.json')) return undefined;
  /** @type {import('@outrelay/servers').ServerName[]} */
  const names = JSON.parse(readFileSync('package.json', 'utf8')).outrelay?.testServers ?? [];
  if (names.length === 0) return undefined;
  const { findServer, urlVariable } = await import('@outrelay/servers');
  const searches = await Promise.all(names.map((name) => findServer(name)));
  for (const search of searches) {
    if (search.status === 'found') {
      process.env[urlVariable(search.name)] = search.url;
      console.log(`${search.title} ${search.version}: ${search.origin}`);
    } else {
      process.env[urlVariable(search.name)] = '';
      console.log(`No ${search.title}, its tests are skipped: ${search.why}. ${search.remedy}`);
    }
  }
  return async () => {
    for (const search of searches) if (search.status === 'found') await search.remove();
  };
}
