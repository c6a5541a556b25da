/** Which of the two servers of one protocol it is. */
export type Server = 'mysql' | 'mariadb';

/** Asks for what {@link serverOf} reads. */
export const VERSION = 'SELECT VERSION()';

/** Tells MariaDB from MySQL by the version that the server reports. */
export function serverOf(version: unknown): Server {
  return /mariadb/i.test(String(version)) ? 'mariadb' : 'mysql';
}

/** The collation of each server that compares bytes and does not pad with blanks. */
export const COLLATIONS: Readonly<Record<Server, string>> = {
  mysql: 'utf8mb4_0900_bin',
  mariadb: 'utf8mb4_nopad_bin',
};
