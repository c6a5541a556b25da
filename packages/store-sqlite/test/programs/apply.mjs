// Applies the schema to the file that the first argument names.
import { sqliteStore } from '@outrelay/store-sqlite';
import { Database } from './database.mjs';

const store = sqliteStore({ file: process.argv[2], driver: Database });
await store.schema.apply();
await store.close();
