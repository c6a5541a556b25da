import { note, serverUrl } from '@outrelay/servers';

/** A server that the suite runs on. */
export interface TestedServer {
  readonly name: 'MySQL' | 'MariaDB';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** The servers of this run; what is missing is told to the table. */
export const SERVERS: readonly TestedServer[] = [
  ...found('MySQL', serverUrl('mysql')),
  ...found('MariaDB', serverUrl('mariadb')),
];

function found(name: TestedServer['name'], url: string | undefined): readonly TestedServer[] {
  if (url === undefined) {
    note({ kind: 'skip', reason: `what runs on ${name}: there is none` });
    return [];
  }
  return [serverAt(name, url)];
}

/** The server behind a URL. */
export function serverAt(name: TestedServer['name'], url: string): TestedServer {
  const { hostname, port, username, password } = new URL(url);
  return {
    name,
    host: hostname,
    port: Number(port === '' ? '3306' : port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}
