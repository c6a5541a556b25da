import { type Command, command } from '../arguments/command.ts';
import { EXIT } from '../exit-code.ts';
import { logLines } from '../log/log-lines.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';

/** `outrelay log create`: lets the database keep its log for relays that are pushed. */
export const logCreateCommand: Command = command({
  name: 'log create',
  summary: 'Let the database keep its log for relays that run with --push',
  details: [
    'Creates what is missing: on PostgreSQL a publication of the table of messages and a logical replication slot, for which wal_level must be logical and the role must be allowed to replicate. It waits for transactions that are open now.',
    'From here on the database keeps its log until a relay has followed it. Set max_slot_wal_keep_size to a size that the disk has: when it is reached the log is given up, relays poll, and nothing is lost.',
  ],
  options: STORE_OPTIONS,
  examples: ['log create --from postgres://db/shop'],

  async run(context, options) {
    return withStore(context, options, async ({ store }) => {
      const log = facetOf(store, 'log');
      await log.create();
      context.out.lines(logLines(await log.status(), context.out.style));
      return EXIT.ok;
    });
  },
});
