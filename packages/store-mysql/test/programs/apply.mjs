// Applies the schema in the database that the first argument names, as JSON.
import { mysqlStore } from '@outrelay/store-mysql';

const store = mysqlStore({ connection: JSON.parse(process.argv[2] ?? '{}') });
await store.schema.apply();
await store.close();
