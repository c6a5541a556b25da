import { readFileSync } from 'node:fs';

/** A numbered sentence of the specification. */
export interface SpecifiedClause {
  readonly id: string;
  /** What stands in brackets before the sentence, or the facet of the section. */
  readonly condition: string;
  readonly sentence: string;
}

const ROOT = new URL('../../../', import.meta.url);

/** Reads the clauses of a file in `spec/`. */
export function readClauses(name: 'store' | 'transport' | 'source' | 'relay'): readonly SpecifiedClause[] {
  const text = readFileSync(new URL(`spec/${name}.md`, ROOT), 'utf8');
  const clauses: SpecifiedClause[] = [];
  for (const section of text.split(/^## /m).slice(1)) {
    const heading = section.slice(0, section.indexOf('\n'));
    const facet = /\((facet `\w+`)\)/.exec(heading)?.[1] ?? '';
    for (const bullet of section.split(/^- /m).slice(1)) {
      const line = bullet.replaceAll(/\s+/g, ' ').trim();
      const [, id = '', condition = facet, sentence = ''] =
        /^\*\*([A-Z]\d+\.\d+)\*\* (?:\(((?:facet )?`[^)]*)\) )?(.*)$/.exec(line) ?? [];
      clauses.push({ id, condition, sentence });
    }
  }
  return clauses;
}
