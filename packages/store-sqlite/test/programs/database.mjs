// The database class that programs of the tests open files with: better-sqlite3, and from Node.js 24 on node:sqlite.
const isNew = Number(process.versions.node.split('.')[0]) >= 24;

export const Database = isNew
  ? process.getBuiltinModule('node:sqlite').DatabaseSync
  : (await import('better-sqlite3')).default;
