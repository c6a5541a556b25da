import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import { agreed } from '../dead/agreed.ts';
import { ALL_OPTION, bulkFilterOf, FILTER_OPTIONS, idsOf, inChunks, isExplicit } from '../dead/filter.ts';
import { EXIT } from '../exit-code.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { plural } from '../terminal/figures.ts';

/** `outrelay dead discard`: gives dead letters up for good. */
export const deadDiscardCommand: Command = command({
  name: 'dead discard',
  summary: 'Give dead letters up for good',
  details: [
    'The letters and their payloads are deleted, and keys that they blocked go on. Chosen by filter, it asks before it does so; where nobody can be asked, --yes is needed.',
  ],
  positionals: { placeholder: '[ID…]', min: 0, max: Number.POSITIVE_INFINITY },
  options: { ...STORE_OPTIONS, ...FILTER_OPTIONS, all: ALL_OPTION, yes: flag('Do not ask.', 'y') },
  examples: [
    'dead discard ID --from sqlite:shop.db',
    'dead discard --from sqlite:shop.db --topic order.placed --until 30d --yes',
  ],

  async run(context, options, given) {
    const { out } = context;
    const filter = bulkFilterOf(options, given, 'discard');
    return withStore(context, options, async ({ store, label }) => {
      const recovery = facetOf(store, 'recovery');
      const ids = await idsOf(recovery, filter);
      if (ids.length === 0) {
        out.line('There are no such dead letters.');
        return EXIT.unmet;
      }
      const letters = plural(ids.length, 'dead letter');
      if (
        !options.yes &&
        !isExplicit(filter) &&
        !(await agreed(context, `Discard ${letters} of ${label}?`, 'letters'))
      ) {
        out.line('Nothing was discarded.');
        return EXIT.unmet;
      }
      const discarded = await inChunks(ids, (part, limit) => recovery.discard(part, limit));
      out.line(`${plural(discarded, 'dead letter')} discarded.`);
      return EXIT.ok;
    });
  },
});
