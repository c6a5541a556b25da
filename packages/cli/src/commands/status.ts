import type { InspectionFacet, OutboxStatus } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { flag, value } from '../arguments/option.ts';
import { duration, wholeNumber } from '../arguments/readers.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { facetOf, STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { exceededLimits, type StatusLimits } from '../status/limits.ts';
import { statusLines } from '../status/status-lines.ts';
import { watchStatus } from '../status/watch.ts';
import { UsageError } from '../usage-error.ts';

/** `outrelay status`: what waits, for how long, and who works on it. */
export const statusCommand: Command = command({
  name: 'status',
  summary: 'Show the backlog by topic and who holds leases',
  details: [
    'Pending messages could be published now. Waiting ones wait for a retry, for their time, or behind an earlier message of their key. The lag is the age of the oldest message that should have been published by now; it grows also while nothing works. A count with "+" is a lower bound.',
    'With --max-lag or --max-dead it is a health check: exit code 1 when a limit does not hold.',
  ],
  options: {
    ...STORE_OPTIONS,
    'max-lag': value('DURATION', duration, 'Exit with 1 when the lag of a topic is longer.'),
    'max-dead': value('N', wholeNumber(0, 1e15), 'Exit with 1 when there are more dead letters.'),
    'count-limit': value('N', wholeNumber(1, 1e9), 'Stop counting here. Default: 10000.'),
    watch: flag('Look again every two seconds until stopped.'),
    json: flag('Write JSON; with --watch one object per line and look.'),
  },
  examples: ['status --from sqlite:shop.db', 'status --from sqlite:shop.db --max-lag 60s --max-dead 0'],

  async run(context, options) {
    const { 'max-lag': maxLagMs, 'max-dead': maxDead, 'count-limit': countLimit, watch, json } = options;
    const limits: StatusLimits = { maxLagMs, maxDead };
    if (watch && (maxLagMs !== undefined || maxDead !== undefined)) {
      throw new UsageError(
        '--watch goes on until stopped; limits are for a single look. Leave one of them out.',
      );
    }
    return withStore(context, options, async ({ store }) => {
      const inspection = facetOf(store, 'inspection');
      const look = (): ReturnType<InspectionFacet['status']> => inspection.status({ countLimit });
      if (watch) {
        await watchStatus(context.out, look, json);
        return EXIT.ok;
      }
      return report(context, await look(), limits, json);
    });
  },
});

function report({ out, err }: Context, status: OutboxStatus, limits: StatusLimits, json: boolean): ExitCode {
  const exceeded = exceededLimits(status, limits);
  if (json) out.json({ ...status, exceeded });
  else out.lines(statusLines(status, out.style));
  for (const text of exceeded) if (!json) err.line(err.style.red(text));
  return exceeded.length === 0 ? EXIT.ok : EXIT.unmet;
}
