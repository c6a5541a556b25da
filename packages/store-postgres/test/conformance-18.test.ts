import { versionServer } from './support/servers.ts';
import { defineOn } from './support/suite.ts';

await defineOn(await versionServer(18), { name: 'store-postgres on PostgreSQL 18', wakeups: 'notify' });
