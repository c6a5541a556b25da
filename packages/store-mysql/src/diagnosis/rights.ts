import { type Finding, fault, good } from '@outrelay/core';
import type { Session } from '../connections.ts';
import { text } from '../literal.ts';
import { quoted, type Tables } from '../tables.ts';

/** ER_TABLEACCESS_DENIED_ERROR and ER_COLUMNACCESS_DENIED_ERROR. */
const DENIED: ReadonlySet<unknown> = new Set([1142, 1143]);

/**
 * Whether the user may do what a relay does; `null` where no table is to be seen, which is told by the schema facet.
 *
 * An EXPLAIN of a statement takes the rights of the statement and runs nothing. The tables of grants would have to be
 * read with all their levels, roles and wildcards.
 */
export async function rightsFinding(
  session: Session,
  { database, names }: Tables,
  user: string,
): Promise<Finding | null> {
  const columns = await session.rows(
    `SELECT TABLE_NAME, MIN(COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${text(database)} AND TABLE_NAME IN (${names.map(text).join(', ')}) AND EXTRA NOT LIKE '%GENERATED%' GROUP BY TABLE_NAME`,
  );
  if (columns.length === 0) return null;
  const lacks: string[] = [];
  for (const [name, column] of columns) {
    const table = `${quoted(database)}.${quoted(String(name))}`;
    const missing = await missingRights(session, table, quoted(String(column)), name === names.at(-1));
    if (missing.length > 0) lacks.push(`${missing.join(', ')} on ${quoted(String(name))}`);
  }
  for (const name of names) {
    if (!columns.some(([seen]) => seen === name))
      lacks.push(`every right on ${quoted(name)}, or it is missing`);
  }
  if (lacks.length === 0) return good('rights', `${user} may do what a relay does`);
  const at = user.lastIndexOf('@');
  const account = `${quoted(user.slice(0, at))}@${quoted(user.slice(at + 1))}`;
  return fault('rights', {
    seen: `${user} lacks ${lacks.join('; ')}`,
    expected: 'the rights of a relay, if this is its user; an application needs INSERT alone',
    remedy: `GRANT SELECT, INSERT, UPDATE, DELETE ON ${quoted(database)}.* TO ${account};`,
  });
}

async function missingRights(
  session: Session,
  table: string,
  column: string,
  isVersions: boolean,
): Promise<readonly string[]> {
  const statements: readonly (readonly [right: string, statement: string])[] = [
    ['SELECT', `SELECT ${column} FROM ${table} LIMIT 1`],
    ['INSERT', `INSERT INTO ${table} (${column}) VALUES (NULL)`],
    ['UPDATE', `UPDATE ${table} SET ${column} = ${column} LIMIT 1`],
    ['DELETE', `DELETE FROM ${table} LIMIT 1`],
  ];
  const missing: string[] = [];
  for (const [right, statement] of isVersions ? statements.slice(0, 1) : statements) {
    try {
      await session.rows(`EXPLAIN ${statement}`);
    } catch (error) {
      // Any other refusal, of a value for example, comes after the rights were looked at.
      if (DENIED.has((error as { errno?: unknown }).errno)) missing.push(right);
    }
  }
  return missing;
}
