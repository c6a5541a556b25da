import type { Application, DatabaseAccess } from './application.ts';
import { SqliteApplication } from './sqlite-application.ts';

/** Opens the application on a database, with connections of this process. */
export function openApplication(access: DatabaseAccess): Application {
  return new SqliteApplication(access.file);
}
