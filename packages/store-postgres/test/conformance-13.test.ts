import { versionServer } from './support/servers.ts';
import { defineOn } from './support/suite.ts';

await defineOn(await versionServer(13), { name: 'store-postgres on PostgreSQL 13', wakeups: 'doorbell' });
