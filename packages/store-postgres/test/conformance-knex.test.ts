import { KnexInstallation } from './support/knex-installation.ts';
import { sharedServer } from './support/servers.ts';
import { defineOn } from './support/suite.ts';

await defineOn(sharedServer(), {
  name: 'store-postgres with knex',
  wakeups: 'notify',
  install: (settings) => new KnexInstallation(settings),
});
