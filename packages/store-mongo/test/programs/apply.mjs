// Applies the schema to a database. Arguments: URL, database.
import { mongoStore } from '@outrelay/store-mongo';
import { MongoClient } from 'mongodb';

const [url, database] = process.argv.slice(2);
const client = new MongoClient(url);
await mongoStore({ client, database }).schema.apply();
await client.close();
