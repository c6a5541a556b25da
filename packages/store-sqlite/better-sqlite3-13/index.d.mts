import type BetterSqlite3 from 'better-sqlite3';

/** The class `Database` of better-sqlite3 13; `undefined` where pnpm left it out, because Node.js is older than 22. */
export const Database: typeof BetterSqlite3 | undefined;
