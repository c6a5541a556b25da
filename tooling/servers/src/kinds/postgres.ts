import type { ServerKind } from './server-kind.ts';
import { findPostgres } from './postgres-binaries.ts';
import { postgresVersion } from './postgres-version.ts';
import { startPostgres } from './start-postgres.ts';

/** How suites find a PostgreSQL server. */
export const postgres: ServerKind = {
  name: 'postgres',
  title: 'PostgreSQL',
  port: 5432,
  localUrls: [
    'postgres://postgres@127.0.0.1:5432/postgres',
    'postgres://postgres:postgres@127.0.0.1:5432/postgres',
  ],
  identify: postgresVersion,
  start: async () => ((await findPostgres()) === null ? null : startPostgres()),
  service: 'postgres',
  debianPackages: ['postgresql'],
  sidPackages: [],
  remedy: 'Install one: apt-get install postgresql, or brew install postgresql.',
};
