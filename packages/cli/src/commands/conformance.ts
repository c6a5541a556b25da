import { pathToFileURL } from 'node:url';
import { installLine } from '../adapters/install-line.ts';
import { resolveInProject } from '../adapters/resolve-package.ts';
import { type Command, command } from '../arguments/command.ts';
import { value } from '../arguments/option.ts';
import { oneOf, text, wholeNumber } from '../arguments/readers.ts';
import type { ExitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';

const PACKAGE = '@outrelay/conformance';
const MAX_SEED = 4_294_967_295;

/** What the suite exports for the command line. */
interface ConformanceModule {
  runConformanceCli(
    args: readonly string[],
    io: { out(text: string): void; err(text: string): void; readonly cwd: string },
  ): Promise<ExitCode>;
}

/** `outrelay conformance`: prove an adapter. */
export const conformanceCommand: Command = command({
  name: 'conformance',
  summary: 'Prove that a store, a transport or a source keeps the specification',
  details: [
    'HARNESS is a module whose default export, or export "harness", tells the suite of @outrelay/conformance how to reach the adapter and what is behind it; or a function that answers with that. The suite is taken from the folder you are in. A .ts file needs a Node.js that strips types, from 22.18.',
    'Progress and complaints go to stderr, the report to stdout. Exit code 1 when a clause is not kept, 2 when nothing could be run.',
  ],
  positionals: { placeholder: 'HARNESS', min: 1, max: 1 },
  options: {
    grep: value(
      'TEXT',
      text,
      'Run a section (S5), a clause (S5.8), or what has these words in its sentence.',
    ),
    seed: value('N', wholeNumber(0, MAX_SEED), 'Draw all data from this number. Default: 1.'),
    report: value(
      'FORMAT',
      oneOf('text', 'json'),
      'Write the report for people (text, the default) or programs (json).',
    ),
  },
  examples: [
    'conformance ./harness.mjs',
    'conformance ./harness.mjs --grep S5.8 --seed 7',
    'conformance ./harness.mjs --report json > report.json',
  ],

  async run({ out, err, cwd }, { grep, seed, report }, [harness = '']) {
    const suite = await importConformance(cwd);
    const given = Object.entries({ grep, seed, report }).flatMap(([name, option]) =>
      option === undefined ? [] : [`--${name}=${option}`],
    );
    return suite.runConformanceCli([...given, '--', harness], {
      out: (part) => void out.stream.write(part),
      err: (part) => void err.stream.write(part),
      cwd,
    });
  },
});

/**
 * It is no dependency of the command line, for whoever runs a relay does not need it; and it has to be the one that the
 * adapter in the project is tested with.
 */
async function importConformance(cwd: string): Promise<ConformanceModule> {
  const file = resolveInProject(PACKAGE, cwd);
  if (file === null) {
    throw new UsageError(`The package ${PACKAGE} is not installed here.`, {
      advice: `Install it: ${installLine(['-D', PACKAGE], cwd)}`,
    });
  }
  const loaded = (await import(pathToFileURL(file).href)) as Partial<ConformanceModule>;
  if (typeof loaded.runConformanceCli === 'function') return loaded as ConformanceModule;
  throw new UsageError(`The installed ${PACKAGE} does not fit this command line.`, {
    advice: `Upgrade it: ${installLine(['-D', `${PACKAGE}@latest`], cwd)}`,
  });
}
