import { type Finding, fault, good, warning } from '@outrelay/core';
import type { PgRow } from '../client.ts';
import { identifier, text } from '../literal.ts';
import type { Tables } from '../tables.ts';
import type { ServerState } from './server.ts';

/** What the catalogue says of one table or sequence. */
interface Relation {
  /** As it is written in SQL. */
  readonly name: string;
  readonly isSequence: boolean;
  /** Rights that a relay needs and the role has not. */
  readonly missing: readonly string[];
  readonly unvacuumed: boolean;
}

/** Asks for the tables that are there and the rights on them. Needs no right itself. */
export function tablesSql({ schema, names, positionsName }: Tables): readonly string[] {
  const inSchema = `SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ${text(schema)}`;
  const needed = `CASE WHEN c.relkind = 'S' THEN ARRAY['USAGE', 'SELECT'] WHEN c.relname = ${text(names.at(-1) as string)} THEN ARRAY['SELECT'] ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END`;
  const has =
    "CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, r) ELSE has_table_privilege(c.oid, r) END";
  const unvacuumed =
    "EXISTS (SELECT 1 FROM unnest(c.reloptions) AS o WHERE lower(o) ~ '^autovacuum_enabled=(f|n|of|0)')";
  return [
    `SELECT has_schema_privilege(oid, 'USAGE') FROM (${inSchema}) AS s`,
    `SELECT c.relname, c.relkind = 'S', array_to_string(ARRAY(SELECT r FROM unnest(${needed}) AS r WHERE NOT ${has}), ','), ${unvacuumed}
      FROM pg_catalog.pg_class AS c WHERE c.relnamespace = (${inSchema}) AND c.relname IN (${[...names, positionsName].map(text).join(', ')}) AND c.relkind IN ('r', 'p', 'S') ORDER BY c.relname`,
  ];
}

/** Findings about the tables; none where they are not installed, which is told by the schema facet. */
export function tableFindings(
  state: ServerState,
  { schema }: Tables,
  [usage = [], rows = []]: readonly (readonly PgRow[])[],
): readonly Finding[] {
  const relations = rows.map(
    ([name, isSequence, missing, unvacuumed]): Relation => ({
      name: `${identifier(schema)}.${identifier(String(name))}`,
      isSequence: isSequence === 't',
      missing: missing === '' || missing === null || missing === undefined ? [] : missing.split(','),
      unvacuumed: unvacuumed === 't',
    }),
  );
  if (relations.length === 0) return [];
  return [rights(state, schema, usage[0]?.[0] === 't', relations), vacuum(state, relations)];
}

function rights(
  { role }: ServerState,
  schema: string,
  mayUse: boolean,
  relations: readonly Relation[],
): Finding {
  const lacking = relations.filter(({ missing }) => missing.length > 0);
  if (mayUse && lacking.length === 0)
    return good('rights', `the role ${identifier(role)} may do what a relay does`);
  const grants = [
    ...(mayUse ? [] : [`GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${identifier(role)};`]),
    ...lacking.map(
      ({ name, isSequence, missing }) =>
        `GRANT ${missing.join(', ')} ON ${isSequence ? 'SEQUENCE ' : ''}${name} TO ${identifier(role)};`,
    ),
  ];
  const lacks = [
    ...(mayUse ? [] : [`USAGE on the schema ${identifier(schema)}`]),
    ...lacking.map(({ name, missing }) => `${missing.join(', ')} on ${name}`),
  ];
  return fault('rights', {
    seen: `the role ${identifier(role)} lacks ${lacks.join('; ')}`,
    expected: 'the rights of a relay, if this is its role; an application needs fewer',
    remedy: grants.join(' '),
  });
}

function vacuum({ autovacuum }: ServerState, relations: readonly Relation[]): Finding {
  const expected = 'on: rows come and go, and without it tables and indexes grow and reads become slower';
  if (autovacuum !== 'on') {
    return warning('autovacuum', {
      seen: 'off on the whole server',
      expected,
      remedy: 'ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();',
    });
  }
  const off = relations.filter(({ unvacuumed }) => unvacuumed);
  if (off.length === 0) return good('autovacuum', autovacuum);
  return warning('autovacuum', {
    seen: `off on ${off.map(({ name }) => name).join(', ')}`,
    expected,
    remedy: off.map(({ name }) => `ALTER TABLE ${name} RESET (autovacuum_enabled);`).join(' '),
  });
}
