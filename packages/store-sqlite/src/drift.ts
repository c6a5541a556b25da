import { prepareOwn, type SqliteDriver } from './client.ts';
import type { Session } from './connection.ts';
import { LATEST_VERSION, stepsAfter } from './migrations/migrations.ts';
import type { Tables } from './tables.ts';

/** Tables, indexes and triggers by "type name", with the SQL that made them. */
type Objects = ReadonlyMap<string, string>;

/** `sql IS NULL` are the indexes that SQLite makes by itself. */
const OBJECTS =
  'SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE sql IS NOT NULL ORDER BY name';

function objectsOf(rows: readonly (readonly unknown[])[], tables: Tables): Objects {
  const names = new Set(tables.names.map((name) => name.toLowerCase()));
  const own = rows.filter(([, , table]) => names.has(String(table).toLowerCase()));
  return new Map(own.map(([type, name, , sql]) => [`${String(type)} ${String(name)}`, String(sql)]));
}

/** What a version of the schema looks like, from making it in memory. */
function expected(driver: SqliteDriver, tables: Tables, version: number): Objects {
  const database = new driver(':memory:');
  try {
    for (const step of stepsAfter(0, tables).slice(0, version))
      for (const statement of step.statements) database.exec(statement);
    return objectsOf(prepareOwn(database, OBJECTS).rows([]), tables);
  } finally {
    database.close();
  }
}

/** Differences between the tables that are there and those of the installed version, for people. */
export function findDrift(
  session: Session,
  driver: SqliteDriver,
  tables: Tables,
  version: number,
): readonly string[] {
  const drift: string[] = [];
  const mode = session.row('PRAGMA main.journal_mode')?.[0];
  if (mode !== 'wal') drift.push(`the journal mode is "${String(mode)}" instead of "wal"`);
  // What a newer package made cannot be judged by an older one.
  if (version > LATEST_VERSION) return drift;
  const there = objectsOf(session.rows(OBJECTS), tables);
  const wanted = expected(driver, tables, version);
  for (const [name, sql] of wanted) {
    const found = there.get(name);
    if (found === undefined) drift.push(`the ${name} is missing`);
    else if (found !== sql) drift.push(`the ${name} is not as version ${version} made it`);
  }
  for (const name of there.keys()) if (!wanted.has(name)) drift.push(`the ${name} is not of this package`);
  return drift;
}
