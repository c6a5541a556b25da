// Appends a message and kills itself right after the commit. Arguments: options of the connection as JSON, id, topic.
import { createOutbox } from '@outrelay/core';
import { mysqlStore } from '@outrelay/store-mysql';
import { createConnection } from 'mysql2/promise';

const [json = '{}', id = '', topic = ''] = process.argv.slice(2);
const connection = JSON.parse(json);
const outbox = createOutbox({ store: mysqlStore({ connection }) });
const application = await createConnection(connection);
await application.beginTransaction();
await outbox.append(application, { id, topic, payload: 1 });
await application.commit();
process.kill(process.pid, 'SIGKILL');
