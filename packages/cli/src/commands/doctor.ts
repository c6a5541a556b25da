import { TopicTable } from '@outrelay/core';
import { type Command, command } from '../arguments/command.ts';
import { flag } from '../arguments/option.ts';
import { programSection } from '../doctor/program-section.ts';
import { countOf, type Section } from '../doctor/report.ts';
import { reportLines } from '../doctor/report-lines.ts';
import { storeSection } from '../doctor/store-section.ts';
import { transportSection } from '../doctor/transport-section.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ROUTE_OPTIONS } from '../run/route-options.ts';
import { type Destination, hasDestination, openRoutes } from '../run/routes.ts';
import { STORE_OPTIONS, withStore } from '../session/store-session.ts';

/** `outrelay doctor`: what could be set wrong. */
export const doctorCommand: Command = command({
  name: 'doctor',
  summary: 'Examine the settings of database, tables and broker',
  details: [
    'Looks at everything that a person could have set wrong, and changes nothing: versions, settings and rights of the database, the tables and what waits in them, and whether the broker answers. Below what is not good it says what it should be, and the command or statement that makes it so.',
    '✓ is good. ! works, but is slower, less safe or less sure than it could be. ✗ does not work, or messages can be lost or stay where they are. Exit code 0 without ✗, 1 with one, 3 when the database or the broker does not answer.',
    'Give it the user that the relay has: settings and rights are those of a user. An application with a user of its own needs fewer rights.',
  ],
  options: {
    ...STORE_OPTIONS,
    ...ROUTE_OPTIONS,
    push: flag('Examine also what following the log of the database needs.'),
    json: flag('Write JSON.'),
  },
  examples: [
    'doctor --from sqlite:shop.db',
    'doctor --from postgres://db/shop --to redis://broker --push',
    'doctor --json | jq \'.sections[].findings[] | select(.verdict != "good")\'',
  ],

  async run(context, options) {
    return withStore(context, options, async ({ store, label, config, closer }) => {
      const destination = hasDestination(options, config)
        ? await openRoutes(options, config, closer, context.cwd)
        : null;
      const sections = [
        programSection(),
        await storeSection({ store, label, push: options.push, hasRoute: routeTest(destination) }),
        ...(await transportSections(destination)),
      ];
      if (options.json) context.out.json(jsonOf(sections));
      else context.out.lines(reportLines(sections, context.out));
      return exitCodeOf(sections);
    });
  },
});

function routeTest(destination: Destination | null): ((topic: string) => boolean) | null {
  if (destination === null) return null;
  const table = new TopicTable(Object.entries(destination.routes));
  return (topic) => table.get(topic) !== undefined;
}

function transportSections(destination: Destination | null): Promise<readonly Section[]> {
  if (destination === null) return Promise.resolve([]);
  const labels = new Map(
    Object.entries(destination.routes).map(([pattern, transport]) => [
      transport,
      destination.labels[pattern] ?? transport.name,
    ]),
  );
  return Promise.all([...labels].map(([transport, label]) => transportSection(transport, label)));
}

function exitCodeOf(sections: readonly Section[]): ExitCode {
  if (sections.some(({ unreachable }) => unreachable === true)) return EXIT.unavailable;
  return countOf(sections, 'fault') > 0 ? EXIT.unmet : EXIT.ok;
}

function jsonOf(sections: readonly Section[]): object {
  return {
    faults: countOf(sections, 'fault'),
    warnings: countOf(sections, 'warning'),
    sections: sections.map(({ of, findings }) => ({ of, findings })),
  };
}
