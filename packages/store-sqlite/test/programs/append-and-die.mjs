// Appends a message and kills itself right after the commit. Arguments: file, id, topic.
import { createOutbox } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import { Database } from './database.mjs';

const [file, id, topic] = process.argv.slice(2);
const outbox = createOutbox({ store: sqliteStore({ file, driver: Database }) });
const db = new Database(file);
db.exec('BEGIN IMMEDIATE');
outbox.append(db, { id, topic, payload: 1 });
db.exec('COMMIT');
process.kill(process.pid, 'SIGKILL');
