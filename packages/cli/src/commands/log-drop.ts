import { type Command, command } from '../arguments/command.ts';
import { EXIT } from '../exit-code.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';

/** `outrelay log drop`: the database need not keep its log any more. */
export const logDropCommand: Command = command({
  name: 'log drop',
  summary: 'Let the database forget its log',
  details: [
    'Removes what "log create" created. No message is lost: relays that run with --push poll from then on. A log that is followed stays; stop the relay first.',
  ],
  options: STORE_OPTIONS,
  examples: ['log drop --from postgres://db/shop'],

  async run(context, options) {
    return withStore(context, options, async ({ store }) => {
      await facetOf(store, 'log').drop();
      context.out.line('The database keeps no log for this outbox any more.');
      return EXIT.ok;
    });
  },
});
