import { command } from '../arguments/command.ts';
import { flag, value } from '../arguments/option.ts';
import { duration, durationUpTo, text, wholeNumber } from '../arguments/readers.ts';
import { pushed } from '../log/pushed.ts';
import { chooseView } from '../run/choose-view.ts';
import { ROUTE_OPTIONS } from '../run/route-options.ts';
import { openRoutes } from '../run/routes.ts';
import { runRelay } from '../run/run-relay.ts';
import { Tally } from '../run/tally.ts';
import { STORE_OPTIONS, withStore } from '../session/store-session.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from '../arguments/command.ts';

const HOUR_MS = 3_600_000;
const STOP_TIMEOUT_MS = 10_000;

/** `outrelay run`: a relay in the foreground. */
export const runCommand: Command = command({
  name: 'run',
  summary: 'Publish what the outbox holds, until stopped',
  details: [
    'Takes messages from the store, publishes them and records what became of each. Any number of relays may work on one store. SIGINT or SIGTERM lets batches under way finish and gives everything else back; a second one ends the process at once, and what was under way is delivered again later.',
    'On a terminal it shows how far it is; into a file or a pipe it writes lines with a time in front, and with --json one object per event, without payloads. With --to stdout: the messages are on stdout and everything else on stderr.',
    'The query of an http or https URL belongs to the endpoint, so options of that transport are given with --to-option. Secrets do not belong on a command line, where others can read them: put URLs with passwords into the environment, and signing secrets into a configuration file.',
  ],
  options: {
    ...STORE_OPTIONS,
    ...ROUTE_OPTIONS,
    push: flag(
      'Follow the log of the database instead of asking for new messages; see: outrelay help log create.',
    ),
    once: flag('End when nothing is due: for schedules and tests.'),
    timeout: value('DURATION', duration, 'With --once: end after this time with what is done.'),
    'max-messages': value('N', wholeNumber(1, 1e15), 'With --once: end after this many messages.'),
    name: value('NAME', text, 'Name on leases and in events. Default: host name and process id.'),
    lanes: value('N', wholeNumber(1, 64), 'Loops that publish side by side. Default: 3.'),
    batch: value('N', wholeNumber(1, 100_000), 'Messages that a lane takes at once. Default: 1000.'),
    'lease-ms': value(
      'MS',
      wholeNumber(100, HOUR_MS),
      'Milliseconds a lease lasts: how long a crash delays what was held. Default: 10000.',
    ),
    'stop-timeout': value(
      'DURATION',
      durationUpTo('24h'),
      'Time for batches under way when told to stop. Default: 10s.',
    ),
    json: flag('Write events as JSON, one object per line.'),
    quiet: flag('Write warnings only.', 'q'),
  },
  examples: [
    'run --from sqlite:shop.db --to https://example.com/hook',
    'run --from sqlite:shop.db --to stdout: --once | jq .data',
    'run --from postgres://db/shop --to redis://broker --push',
    "run --from sqlite:shop.db --route 'order.*=https://a.example/hook' --route '*=stdout:'",
  ],
  outlivesOutput: true,

  async run(context, options) {
    const { out, err, cwd, outputGone } = context;
    const { once, timeout: timeoutMs, 'max-messages': maxMessages, json, quiet } = options;
    if (!once && (timeoutMs ?? maxMessages) !== undefined) {
      throw new UsageError(`${timeoutMs === undefined ? '--max-messages' : '--timeout'} needs --once.`);
    }
    return withStore(context, options, async (session) => {
      const { label, config, closer } = session;
      const store = options.push ? await pushed(session) : session.store;
      const { routes, label: target } = await openRoutes(options, config, closer, cwd);
      const stdoutTaken = Object.values(routes).some(({ name }) => name === 'console');
      const tally = new Tally(performance.now());
      const choice = { out, err, stdoutTaken, json, quiet, route: `${label} → ${target}` };
      return runRelay({
        store,
        relay: {
          ...config,
          transport: undefined,
          store,
          routes,
          name: options.name ?? config?.name,
          lanes: options.lanes ?? config?.lanes,
          batch: options.batch === undefined ? config?.batch : { ...config?.batch, messages: options.batch },
          leaseMs: options['lease-ms'] ?? config?.leaseMs,
        },
        tally,
        show: () => chooseView(choice, tally),
        drain: once ? { timeoutMs, maxMessages } : null,
        stopTimeoutMs: options['stop-timeout'] ?? STOP_TIMEOUT_MS,
        outputGone,
      });
    });
  },
});
