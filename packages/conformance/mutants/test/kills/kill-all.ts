import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { killsFile, killsOf, recordedKills } from '../../report/kills.ts';
import type { Kills, Mutant } from '../../report/mutant.ts';

/** Nothing here waits for long, but a mutant that hangs waits for the watchdog, clause by clause. */
const GROUP_MS = 900_000;

/**
 * Runs every clause against every mutant of the groups and compares with what is recorded. A mutant must die by a clause
 * of its record; which further ones notice depends on chance where a clause lets calls race.
 *
 * With `OUTRELAY_RECORD_KILLS=true` the records are written anew.
 */
export function killAll(groups: Readonly<Record<string, readonly Mutant[]>>, names: readonly string[]): void {
  it.each(names)(
    'the mutants of %s die by clauses that are recorded for them',
    async (name) => {
      const kills: Record<string, readonly string[]> = {};
      for (const mutant of groups[name] ?? []) kills[mutant.name] = await killsOf(mutant.harness);
      if (process.env['OUTRELAY_RECORD_KILLS'] === 'true') writeFileSync(killsFile(name), text(kills));
      const recorded = recordedKills([name]);
      expect(Object.keys(kills)).toEqual(Object.keys(recorded));
      const survivors = Object.entries(kills).filter(([mutant, ids]) => {
        return !recorded[mutant]?.some((id) => ids.includes(id));
      });
      expect(survivors).toEqual([]);
    },
    GROUP_MS,
  );
}

/** One line per mutant, so that a change can be read. */
function text(kills: Kills): string {
  const lines = Object.entries(kills).map(([name, ids]) => `  ${JSON.stringify(name)}: ${list(ids)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function list(ids: readonly string[]): string {
  return `[${ids.map((id) => JSON.stringify(id)).join(', ')}]`;
}
