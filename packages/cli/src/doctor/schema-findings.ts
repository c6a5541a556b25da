import { type Finding, fault, good, type SchemaStatus, warning } from '@outrelay/core';

/** How the tables stand to the installed package. */
export function schemaFindings({ installed, latest, compatible, drift }: SchemaStatus): readonly Finding[] {
  const expected = `tables of version ${latest}`;
  const apply = 'outrelay migrate apply';
  if (installed === 0) {
    return [fault('schema', { seen: 'there are no outbox tables', expected, remedy: apply })];
  }
  const seen = `version ${installed}`;
  if (!compatible) {
    const remedy = installed > latest ? 'Upgrade the packages of Outrelay.' : apply;
    return [fault('schema', { seen: `${seen}, which this version cannot work with`, expected, remedy })];
  }
  const schema =
    installed < latest ? warning('schema', { seen, expected, remedy: apply }) : good('schema', seen);
  if (drift.length === 0) return [schema, good('drift', 'none')];
  const drifted = warning('drift', {
    seen: drift.join('; '),
    expected: `tables as version ${installed} made them`,
    remedy:
      'Undo it by hand; the statements that made the tables: outrelay migrate plan --sql --from an empty database',
  });
  return [schema, drifted];
}
