import { text } from './literal.ts';
import { LATEST_VERSION, stepsAfter } from './migrations/migrations.ts';
import { type Tables, tablesOf } from './tables.ts';

type Query = (sql: string) => Promise<readonly (readonly (string | null)[])[]>;

/** Columns, constraints, indexes and triggers by name, with what defines them. */
type Objects = ReadonlyMap<string, string>;

/** What the catalogue says of the tables in a schema, whose number is an expression: pairs of name and definition. */
function catalogue(tables: Tables, schema: string): string {
  const names = tables.names.map(text).join(', ');
  const own = `SELECT c.oid, c.relname FROM pg_catalog.pg_class AS c WHERE c.relnamespace = ${schema} AND c.relname IN (${names})`;
  return `WITH own AS (${own})
    SELECT 'table ' || relname, '' FROM own
    UNION ALL SELECT 'column ' || relname || '.' || attname, format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attidentity::text || ' ' || attgenerated::text || ' ' || coalesce(pg_get_expr(adbin, adrelid), '') FROM own JOIN pg_catalog.pg_attribute ON attrelid = own.oid AND attnum > 0 AND NOT attisdropped LEFT JOIN pg_catalog.pg_attrdef ON adrelid = own.oid AND adnum = attnum
    UNION ALL SELECT 'constraint ' || relname || '.' || conname, pg_get_constraintdef(k.oid) FROM own JOIN pg_catalog.pg_constraint AS k ON conrelid = own.oid WHERE contype <> 'n'
    UNION ALL SELECT 'index ' || i.relname, regexp_replace(pg_get_indexdef(i.oid), ' ON .* USING ', ' ON t USING ') FROM own JOIN pg_catalog.pg_index AS x ON x.indrelid = own.oid JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid WHERE x.indisvalid
    UNION ALL SELECT 'trigger ' || tgname, '' FROM own JOIN pg_catalog.pg_trigger ON tgrelid = own.oid AND NOT tgisinternal
    ORDER BY 1`;
}

async function objects(query: Query, tables: Tables, schema: string): Promise<Objects> {
  return new Map(
    (await query(catalogue(tables, schema))).map(([name, definition]) => [String(name), String(definition)]),
  );
}

/** What a version of the schema looks like: it is made of temporary tables, read, and rolled back. */
async function expected(query: Query, tables: Tables, version: number): Promise<Objects> {
  const model = tablesOf('pg_temp', tables.prefix);
  await query('BEGIN');
  try {
    for (const step of stepsAfter(0, model).slice(0, version)) {
      for (const statement of step.statements) await query(statement);
    }
    return await objects(query, model, 'pg_my_temp_schema()');
  } finally {
    await query('ROLLBACK');
  }
}

/** Differences between the tables that are there and those of the installed version, for people. */
export async function findDrift(query: Query, tables: Tables, version: number): Promise<readonly string[]> {
  // What a newer package made cannot be judged by an older one.
  if (version > LATEST_VERSION) return [];
  const schema = `(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ${text(tables.schema)})`;
  const there = await objects(query, tables, schema);
  const wanted = await expected(query, tables, version);
  const drift: string[] = [];
  for (const [name, definition] of wanted) {
    const found = there.get(name);
    if (found === undefined) drift.push(`the ${name} is missing`);
    else if (found !== definition) drift.push(`the ${name} is not as version ${version} made it`);
  }
  for (const name of there.keys()) if (!wanted.has(name)) drift.push(`the ${name} is not of this package`);
  return drift;
}
