/** The servers that suites run on, by the name a package declares in `outrelay.testServers`. */
export type ServerName = 'postgres' | 'mysql' | 'mariadb' | 'mongodb' | 'redis';

/** The environment variable that holds the URL of a server, given by a person or set for the suites by the ladder. */
export function urlVariable(name: ServerName): string {
  return `OUTRELAY_TEST_${name.toUpperCase()}_URL`;
}

/**
 * The URL of a shared server, or `undefined` when the run has none: a suite then skips what needs it.
 *
 * The server is shared: create a database or key prefix of your own on it, and drop it afterwards.
 */
export function serverUrl(name: ServerName): string | undefined {
  const url = process.env[urlVariable(name)];
  return url === '' ? undefined : url;
}
