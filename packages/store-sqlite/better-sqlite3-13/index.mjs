import { createRequire } from 'node:module';

/** The class `Database` of better-sqlite3 13; `undefined` where pnpm left it out, because Node.js is older than 22. */
export const Database = findDatabase();

function findDatabase() {
  const require = createRequire(import.meta.url);
  try {
    return require('better-sqlite3-13');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}
