import { mongoShop } from './mongo.ts';
import { mysqlShop } from './mysql.ts';
import { postgresShop } from './postgres.ts';
import type { ShopDatabase } from './shop-database.ts';
import { sqliteShop } from './sqlite.ts';

/** What `--from` takes, besides the SQLite file of the demo itself. */
export const DATABASE_SCHEMES: Readonly<Record<string, (url: string, name: string) => ShopDatabase>> = {
  postgres: postgresShop,
  postgresql: postgresShop,
  mysql: mysqlShop,
  mariadb: mysqlShop,
  mongodb: mongoShop,
  'mongodb+srv': mongoShop,
};

/**
 * Opens the database of the shop; it connects when it is used.
 *
 * @param url - of one of {@link DATABASE_SCHEMES}, or `sqlite:` and a file
 * @param name - what everything that the run creates there begins with: lower-case letters, digits and `_`
 */
export function openDatabase(url: string, name: string): ShopDatabase {
  const [, scheme = '', rest = ''] = /^([^:]+):(.*)$/.exec(url) ?? [];
  if (scheme === 'sqlite') return sqliteShop(rest);
  const open = DATABASE_SCHEMES[scheme.toLowerCase()];
  if (open === undefined) throw new TypeError(`There is no database behind "${scheme}:".`);
  return open(url, name);
}
