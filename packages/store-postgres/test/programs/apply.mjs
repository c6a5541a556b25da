// Applies the schema. Arguments: URL and name of the schema.
import { postgresStore } from '@outrelay/store-postgres';

const [url, schema] = process.argv.slice(2);
const store = postgresStore({ url, schema });
await store.schema.apply();
await store.close();
