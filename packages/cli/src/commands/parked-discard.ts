import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import { agreed } from '../dead/agreed.ts';
import { EXIT } from '../exit-code.ts';
import {
  ALL_PARKED_OPTION,
  bulkParkedFilterOf,
  changeParked,
  countOf,
  isExplicitParked,
  PARKED_OPTIONS,
  parkedIdsOf,
} from '../parked/filter.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { plural } from '../terminal/figures.ts';

/** `outrelay parked discard`: gives parked messages up for good. */
export const parkedDiscardCommand: Command = command({
  name: 'parked discard',
  summary: 'Give parked messages up for good',
  details: [
    'The messages and their payloads are deleted, also those that were redriven and not handled yet. Chosen by filter, it asks before it does so; where nobody can be asked, --yes is needed.',
  ],
  positionals: { placeholder: '[ID…]', min: 0, max: Number.POSITIVE_INFINITY },
  options: { ...STORE_OPTIONS, ...PARKED_OPTIONS, all: ALL_PARKED_OPTION, yes: flag('Do not ask.', 'y') },
  examples: [
    'parked discard ID --from sqlite:shop.db',
    'parked discard --from sqlite:shop.db --consumer billing --until 30d --yes',
  ],

  async run(context, options, given) {
    const { out } = context;
    const filter = bulkParkedFilterOf(options, given, 'discard');
    return withStore(context, options, async ({ store, label }) => {
      const parking = facetOf(store, 'parking');
      const parked = await parkedIdsOf(parking, filter, ['parked', 'redriven']);
      if (countOf(parked) === 0) {
        out.line('There are no such parked messages.');
        return EXIT.unmet;
      }
      const question = `Discard ${plural(countOf(parked), 'parked message')} of ${label}?`;
      if (!options.yes && !isExplicitParked(filter) && !(await agreed(context, question, 'messages'))) {
        out.line('Nothing was discarded.');
        return EXIT.unmet;
      }
      const discarded = await changeParked(parked, (part, limit) => parking.discard(part, limit));
      out.line(`${plural(discarded, 'parked message')} discarded.`);
      return EXIT.ok;
    });
  },
});
