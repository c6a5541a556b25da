import { type Command, command } from '../arguments/command.ts';
import { EXIT } from '../exit-code.ts';
import {
  ALL_PARKED_OPTION,
  bulkParkedFilterOf,
  changeParked,
  countOf,
  PARKED_OPTIONS,
  parkedIdsOf,
} from '../parked/filter.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { count, plural } from '../terminal/figures.ts';

/** `outrelay parked redrive`: another try for parked messages. */
export const parkedRedriveCommand: Command = command({
  name: 'parked redrive',
  summary: 'Give parked messages back to their consumers, to be tried again',
  details: [
    'A running consumer takes them from the inbox by itself, within seconds; the broker has no part in it. Their attempts begin anew. Messages of the same key that were handled meanwhile stay handled: they come behind those.',
  ],
  positionals: { placeholder: '[ID…]', min: 0, max: Number.POSITIVE_INFINITY },
  options: { ...STORE_OPTIONS, ...PARKED_OPTIONS, all: ALL_PARKED_OPTION },
  examples: [
    'parked redrive ID --from sqlite:shop.db',
    'parked redrive --from sqlite:shop.db --consumer billing --reason attempts-exhausted',
  ],

  async run(context, options, given) {
    const { out } = context;
    const filter = bulkParkedFilterOf(options, given, 'redrive');
    return withStore(context, options, async ({ store }) => {
      const parking = facetOf(store, 'parking');
      const parked = await parkedIdsOf(parking, filter, ['parked']);
      const found = countOf(parked);
      if (found === 0) {
        out.line('There are no such parked messages.');
        return EXIT.unmet;
      }
      const redriven = await changeParked(parked, (part, limit) => parking.redrive(part, limit));
      const others = found - redriven;
      const rest = others === 0 ? '' : ` ${count(others)} had been resolved by somebody else.`;
      out.line(`${plural(redriven, 'parked message')} redriven.${rest}`);
      return EXIT.ok;
    });
  },
});
