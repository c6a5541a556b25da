import type { Session } from './connections.ts';
import { list, text } from './literal.ts';
import { LATEST_TABLES, type SchemaPlace } from './migrations/migrations.ts';
import type { TableDefinition } from './migrations/table.ts';

/** What `information_schema` says of the tables, by their names. */
interface Found {
  readonly tables: ReadonlyMap<string, readonly [engine: string, collation: string]>;
  /** "name type null" of columns. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Columns of indexes. */
  readonly indexes: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

async function look(session: Session, { tables }: SchemaPlace): Promise<Found> {
  const where = `TABLE_SCHEMA = ${text(tables.database)} AND TABLE_NAME IN ${list(tables.names.map(text))}`;
  const there = await session.rows(
    `SELECT TABLE_NAME, ENGINE, TABLE_COLLATION FROM information_schema.TABLES WHERE ${where}`,
  );
  const columns = await session.rows(
    `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE FROM information_schema.COLUMNS WHERE ${where}`,
  );
  const indexes = await session.rows(
    `SELECT TABLE_NAME, INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX), MAX(NON_UNIQUE) FROM information_schema.STATISTICS WHERE ${where} GROUP BY TABLE_NAME, INDEX_NAME`,
  );
  return {
    tables: new Map(
      there.map(([name, engine, collation]) => [String(name), [String(engine), String(collation)]]),
    ),
    columns: grouped(
      columns.map(([table, name, type, isNull]) => [table, name, columnText(type, isNull === 'YES')]),
    ),
    indexes: grouped(
      indexes.map(([table, name, names, unique]) => [
        table,
        name,
        indexText(String(names), Number(unique) === 0),
      ]),
    ),
  };
}

function grouped(rows: readonly (readonly unknown[])[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  for (const [table, name, value] of rows) {
    const group = groups.get(String(table)) ?? new Map<string, string>();
    groups.set(String(table), group.set(String(name), String(value)));
  }
  return groups;
}

/** MariaDB writes a width behind the types of whole numbers, which means nothing. */
function columnText(type: unknown, nullable: boolean): string {
  return `${String(type).replace(/(int)\(\d+\)/, '$1')}${nullable ? '' : ' NOT NULL'}`;
}

function indexText(columns: string, unique: boolean): string {
  return `${unique ? 'UNIQUE ' : ''}(${columns.replaceAll(',', ', ')})`;
}

/** Differences between the tables that are there and those of the latest version, for people. */
export async function findDrift(session: Session, place: SchemaPlace): Promise<readonly string[]> {
  const found = await look(session, place);
  return LATEST_TABLES.flatMap((table) => driftOf(table, found, place));
}

function driftOf(
  table: TableDefinition,
  found: Found,
  { prefix, collation }: SchemaPlace,
): readonly string[] {
  const name = prefix + table.name;
  const properties = found.tables.get(name);
  if (properties === undefined) return [`the table ${name} is missing`];
  const [engine, itsCollation] = properties;
  const drift: string[] = [];
  if (engine !== 'InnoDB') drift.push(`the engine of the table ${name} is ${engine} instead of InnoDB`);
  if (itsCollation !== collation)
    drift.push(`the collation of the table ${name} is ${itsCollation} instead of ${collation}`);
  const columns = new Map(
    table.columns.map((column) => [column.name, columnText(column.type, column.nullable)]),
  );
  const indexes = new Map([
    ['PRIMARY', indexText(table.primaryKey.join(','), true)],
    ...Object.entries(table.indexes).map(
      ([index, names]) =>
        [index, indexText(names.join(','), table.unique?.includes(index) === true)] as const,
    ),
  ]);
  drift.push(...differences('column', name, columns, found.columns.get(name) ?? new Map()));
  drift.push(...differences('index', name, indexes, found.indexes.get(name) ?? new Map()));
  return drift;
}

function differences(
  kind: string,
  table: string,
  wanted: ReadonlyMap<string, string>,
  there: ReadonlyMap<string, string>,
): readonly string[] {
  const drift: string[] = [];
  for (const [name, definition] of wanted) {
    const found = there.get(name);
    if (found === undefined) drift.push(`the ${kind} ${name} of the table ${table} is missing`);
    else if (found !== definition)
      drift.push(`the ${kind} ${name} of the table ${table} is ${found} instead of ${definition}`);
  }
  for (const name of there.keys())
    if (!wanted.has(name)) drift.push(`the ${kind} ${name} of the table ${table} is not of this package`);
  return drift;
}
