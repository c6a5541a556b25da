import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SOURCE_GROUPS, STORE_GROUPS, TRANSPORT_GROUPS } from '../report/groups.ts';
import { killsFile, killsOf } from '../report/kills.ts';
import type { Kills } from '../report/mutant.ts';

/** Nothing here waits for long, but a mutant that hangs waits for the watchdog, clause by clause. */
const GROUP_MS = 900_000;
const GROUPS = { ...STORE_GROUPS, ...TRANSPORT_GROUPS, ...SOURCE_GROUPS };

it.each(Object.keys(GROUPS))(
  'records by which clauses the mutants of %s die',
  async (group) => {
    const kills: Record<string, readonly string[]> = {};
    for (const { name, harness } of GROUPS[group] ?? []) kills[name] = await killsOf(harness);
    writeFileSync(killsFile(group), text(kills));
    expect(Object.entries(kills).filter(([, ids]) => ids.length === 0)).toEqual([]);
  },
  GROUP_MS,
);

/** One line per mutant, so that a change can be read. */
function text(kills: Kills): string {
  const lines = Object.entries(kills).map(([name, ids]) => `  ${JSON.stringify(name)}: ${list(ids)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function list(ids: readonly string[]): string {
  return `[${ids.map((id) => JSON.stringify(id)).join(', ')}]`;
}
