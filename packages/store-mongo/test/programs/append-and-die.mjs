// Appends a message and kills itself right after the commit. Arguments: URL, database, id, topic.
import { createOutbox } from '@outrelay/core';
import { mongoStore } from '@outrelay/store-mongo';
import { MongoClient } from 'mongodb';

const [url, database, id, topic] = process.argv.slice(2);
const client = new MongoClient(url);
const outbox = createOutbox({ store: mongoStore({ client, database }) });
await client.withSession((session) =>
  session.withTransaction(() => outbox.append(session, { id, topic, payload: 1 })),
);
process.kill(process.pid, 'SIGKILL');
