import { type Command, command } from '../arguments/command.ts';
import { flag, value } from '../arguments/option.ts';
import { wholeNumber } from '../arguments/readers.ts';
import { EXIT } from '../exit-code.ts';
import { logLines } from '../log/log-lines.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';

/** `outrelay log status`: where the log stands, and what to look at. */
export const logStatusCommand: Command = command({
  name: 'log status',
  summary: 'Show where the log of the database stands',
  details: [
    'Behind is what was written and is not confirmed yet; retained is what the database keeps on its disk for that. A health check: exit code 1 when the log is missing or given up, or keeps more than --max-retained.',
  ],
  options: {
    ...STORE_OPTIONS,
    'max-retained': value('BYTES', wholeNumber(0, 1e15), 'Exit with 1 when the database keeps more.'),
    json: flag('Write JSON.'),
  },
  examples: ['log status --from postgres://db/shop --max-retained 1000000000'],

  async run({ out, err, ...context }, { 'max-retained': maxRetained, json, ...source }) {
    return withStore({ out, err, ...context }, source, async ({ store }) => {
      const status = await facetOf(store, 'log').status();
      if (json) out.json({ ...status, confirmed: status.confirmed?.toString() ?? null });
      else out.lines(logLines(status, out.style));
      const isMuch = maxRetained !== undefined && (status.retainedBytes ?? 0) > maxRetained;
      const isGood = status.state === 'followed' || status.state === 'idle';
      return isGood && !isMuch ? EXIT.ok : EXIT.unmet;
    });
  },
});
