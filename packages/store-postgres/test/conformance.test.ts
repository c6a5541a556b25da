import { sharedServer } from './support/servers.ts';
import { defineOn } from './support/suite.ts';

await defineOn(sharedServer(), { name: 'store-postgres' });
