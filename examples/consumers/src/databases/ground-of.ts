import type { Ground } from '../ground.ts';

/** The database of a URL; only its driver is loaded. */
export async function groundOf(url: string): Promise<Ground> {
  const scheme = url.slice(0, url.indexOf(':'));
  switch (scheme) {
    case 'postgres':
    case 'postgresql':
      return (await import('./postgres.ts')).postgresGround(url);
    case 'mysql':
    case 'mariadb':
      return (await import('./mysql.ts')).mysqlGround(url.replace(/^mariadb:/, 'mysql:'));
    case 'mongodb':
      return (await import('./mongo.ts')).mongoGround(url);
    case 'sqlite':
      return (await import('./sqlite.ts')).sqliteGround(url.slice('sqlite:'.length));
    default:
      throw new TypeError(
        'Give the URL of a database: postgres:, mysql:, mariadb:, mongodb: or sqlite:FILE.',
      );
  }
}
