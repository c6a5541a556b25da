// Appends a message and kills itself right after the commit. Arguments: URL, schema, id, topic.
import { createOutbox } from '@outrelay/core';
import { postgresStore } from '@outrelay/store-postgres';
import { Client } from 'pg';

const [url, schema, id, topic] = process.argv.slice(2);
const outbox = createOutbox({ store: postgresStore({ url, schema }) });
const client = new Client({ connectionString: url });
await client.connect();
await client.query('BEGIN');
await outbox.append(client, { id, topic, payload: 1 });
await client.query('COMMIT');
process.kill(process.pid, 'SIGKILL');
