export type {
  MongoChangeStream,
  MongoClientLike,
  MongoCollection,
  MongoCursor,
  MongoDatabase,
  MongoDocument,
  MongoSession,
} from './client.ts';
export type { MongoStoreOptions } from './options.ts';
export { capabilities, type MongoStore, mongoStore } from './store.ts';
export { fromUrl } from './url.ts';
