export type { SqliteDatabase, SqliteDriver, SqliteStatement, SqliteValue } from './client.ts';
export type { SqliteStoreOptions } from './options.ts';
export { capabilities, type SqliteStore, sqliteStore } from './store.ts';
export { fromUrl } from './url.ts';
