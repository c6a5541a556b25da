import { DOCUMENTDB_PACKAGES, findDocumentdb } from '../documentdb/documentdb-postgres.ts';
import { startDocumentdb } from '../documentdb/start-documentdb.ts';
import { mongodbVersion } from './mongodb-version.ts';
import type { ServerKind } from './server-kind.ts';
import { findMongod, startMongod } from './start-mongod.ts';

/**
 * How suites find a MongoDB server: a URL, a replica-set member on the standard port, a `mongod` of this machine or
 * of mongodb-memory-server, or Docker. No Linux distribution ships one; Debian sid has DocumentDB, which a bridge makes
 * speak MongoDB's protocol.
 */
export const mongodb: ServerKind = {
  name: 'mongodb',
  title: 'MongoDB',
  port: 27_017,
  localUrls: ['mongodb://127.0.0.1:27017/?directConnection=true'],
  identify: mongodbVersion,
  async start() {
    if ((await findMongod()) !== null) return startMongod();
    return findDocumentdb() === null ? null : startDocumentdb();
  },
  service: 'mongodb',
  debianPackages: [],
  sidPackages: DOCUMENTDB_PACKAGES,
  remedy: 'Start one: docker compose up --detach --wait mongodb.',
};
