import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import { EXIT } from '../exit-code.ts';
import { sqlLines, stepLines } from '../migrate/step-lines.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { plural } from '../terminal/figures.ts';

/** `outrelay migrate apply`: creates or upgrades the tables of the outbox. */
export const migrateApplyCommand: Command = command({
  name: 'migrate apply',
  summary: 'Create the outbox tables, or bring them up to date',
  details: [
    'Takes the missing steps, in order. It may run in several processes at once, and while applications append and relays work: they go on with an older version of the tables until a release says otherwise.',
  ],
  options: {
    ...STORE_OPTIONS,
    sql: flag('Write the statements that were sent.'),
    json: flag('Write the steps that were taken as JSON.'),
  },
  examples: ['migrate apply --from sqlite:shop.db'],

  async run(context, options) {
    const { out } = context;
    return withStore(context, options, async ({ store, label }) => {
      const steps = await facetOf(store, 'schema').apply();
      if (options.json) out.json(steps);
      else if (options.sql) out.lines(sqlLines(steps));
      else if (steps.length === 0) out.line(`Nothing to do: the outbox tables in ${label} are up to date.`);
      else out.lines([`${plural(steps.length, 'step')} taken in ${label}:`, ...stepLines(steps)]);
      return EXIT.ok;
    });
  },
});
