import { serverUrl } from '@outrelay/servers';
import { pooledServer } from './support/servers.ts';
import { defineOn } from './support/suite.ts';

// Stores go through the pooler; the application, and what wakes relays, do not.
const pooler = await pooledServer();
await defineOn(pooler, {
  name: 'store-postgres behind PgBouncer in transaction mode',
  wakeups: 'notify',
  database: serverUrl('postgres'),
  pooler: pooler[0]?.url,
});
