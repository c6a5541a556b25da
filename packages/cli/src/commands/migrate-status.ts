import type { SchemaStatus } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import { EXIT } from '../exit-code.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { printable } from '../terminal/text-width.ts';

/** `outrelay migrate status`: how the tables stand to this version. */
export const migrateStatusCommand: Command = command({
  name: 'migrate status',
  summary: 'Compare the outbox tables with what this version expects',
  details: ['Exit code 1 when steps are missing, the tables were changed by hand, or they are too new.'],
  options: { ...STORE_OPTIONS, json: flag('Write JSON.') },
  examples: ['migrate status --from sqlite:shop.db'],

  async run(context, options) {
    const { out } = context;
    return withStore(context, options, async ({ store, label }) => {
      const status = await facetOf(store, 'schema').status();
      if (options.json) out.json(status);
      else out.lines(statusLines(status, label));
      return isCurrent(status) ? EXIT.ok : EXIT.unmet;
    });
  },
});

function isCurrent({ installed, latest, compatible, drift }: SchemaStatus): boolean {
  return installed >= latest && compatible && drift.length === 0;
}

function statusLines(status: SchemaStatus, label: string): string[] {
  const { installed, latest, compatible, drift } = status;
  const differences =
    drift.length === 0
      ? []
      : [
          'Differences from what this version should look like:',
          ...drift.map((text) => `  ${printable(text)}`),
        ];
  if (installed === 0) {
    return [`There are no outbox tables in ${label}. Create them: outrelay migrate apply`, ...differences];
  }
  const fits = compatible ? 'this version works with it' : 'this version cannot work with it';
  if (installed < latest) {
    const what = `Version ${installed} is installed in ${label}, ${latest} is current; ${fits}.`;
    return [what, 'Upgrade: outrelay migrate apply', ...differences];
  }
  if (installed > latest) {
    const newer = `Version ${installed} is installed in ${label}, newer than ${latest}; ${fits}.`;
    return [newer, ...(compatible ? [] : ['Upgrade the packages of Outrelay.']), ...differences];
  }
  return [`Version ${installed} is installed in ${label}: up to date.`, ...differences];
}
