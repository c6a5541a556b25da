import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import { EXIT } from '../exit-code.ts';
import { sqlLines, stepLines } from '../migrate/step-lines.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { plural } from '../terminal/figures.ts';

/** `outrelay migrate plan`: what `apply` would do. */
export const migratePlanCommand: Command = command({
  name: 'migrate plan',
  summary: 'Show what "migrate apply" would do',
  details: ['Changes nothing. --sql writes the statements, for those who run migrations by their own means.'],
  options: {
    ...STORE_OPTIONS,
    sql: flag('Write the statements.'),
    json: flag('Write the steps as JSON.'),
  },
  examples: ['migrate plan --from sqlite:shop.db', 'migrate plan --from sqlite:shop.db --sql > outbox.sql'],

  async run(context, options) {
    const { out } = context;
    return withStore(context, options, async ({ store, label }) => {
      const steps = await facetOf(store, 'schema').plan();
      if (options.json) out.json(steps);
      else if (options.sql) out.lines(sqlLines(steps));
      else if (steps.length === 0) out.line(`Nothing to do: the outbox tables in ${label} are up to date.`);
      else out.lines([`${plural(steps.length, 'step')} to take in ${label}:`, ...stepLines(steps)]);
      return EXIT.ok;
    });
  },
});
