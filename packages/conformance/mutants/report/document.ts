import { SOURCE_CLAUSES, STORE_CLAUSES, TRANSPORT_CLAUSES } from '@outrelay/conformance';
import { SOURCE_GROUPS, STORE_GROUPS, TRANSPORT_GROUPS } from './groups.ts';
import { recordedKills } from './kills.ts';
import type { Kills, Mutant } from './mutant.ts';

/** Kills above which a table names the number instead of the clauses. */
const MANY = 12;

/** `docs/conformance-mutants.md`. */
export function mutantsDocument(): string {
  return [
    '# Mutants of the conformance suite',
    '',
    '<!-- Generated from packages/conformance/mutants/kills: run `pnpm --filter @outrelay/conformance-mutants run generate`. -->',
    '',
    'A suite that passes proves nothing until it has failed. Each adapter below has one bug, of a kind that has been',
    'found in the world. To record this table, each is run against every clause that binds it. In every run of the tests',
    'each mutant dies by one clause of its record, and each clause finds one of its mutants.',
    '',
    ...kind('Stores', STORE_GROUPS, STORE_CLAUSES),
    '',
    ...kind('Transports', TRANSPORT_GROUPS, TRANSPORT_CLAUSES),
    '',
    ...kind('Sources', SOURCE_GROUPS, SOURCE_CLAUSES),
    '',
  ].join('\n');
}

function kind(
  heading: string,
  groups: Readonly<Record<string, readonly Mutant[]>>,
  clauses: readonly { readonly id: string; readonly title: string }[],
): string[] {
  const kills = recordedKills(Object.keys(groups));
  const mutants = Object.values(groups).flat();
  return [
    `## ${heading}: ${mutants.length} mutants, ${clauses.length} clauses`,
    '',
    '| mutant | what it does wrong | found by |',
    '| --- | --- | --- |',
    ...mutants.map(({ name, bug }) => `| \`${name}\` | ${cell(bug)} | ${clauseCell(kills[name] ?? [])} |`),
    '',
    '| clause | obligation | finds |',
    '| --- | --- | --- |',
    ...clauses.map(({ id, title }) => `| ${id} | ${cell(title)} | ${mutantCell(id, kills)} |`),
  ];
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function clauseCell(ids: readonly string[]): string {
  return ids.length > MANY
    ? `${ids.slice(0, MANY).join(', ')} and ${ids.length - MANY} more`
    : ids.join(', ');
}

function mutantCell(id: string, kills: Kills): string {
  // The mutants that few clauses find say most about a clause.
  const found = Object.entries(kills)
    .filter(([, ids]) => ids.includes(id))
    .toSorted(([, a], [, b]) => a.length - b.length)
    .map(([name]) => `\`${name}\``);
  return found.length > 4 ? `${found.slice(0, 4).join(', ')} and ${found.length - 4} more` : found.join(', ');
}
