import { parseArgs } from 'node:util';
import { toJson } from '../report/json.ts';
import { summarise } from '../report/summary.ts';
import { formatReport, formatResult } from '../report/text.ts';
import type { ClauseResult } from '../run/result.ts';
import { type Harness, planConformance } from '../run/run-conformance.ts';
import { load } from './load.ts';

/** What {@link runConformanceCli} writes to. */
export interface ConformanceIo {
  /** Receives the report. */
  out(text: string): void;
  /** Receives progress and complaints. */
  err(text: string): void;
  /** Folder that a relative path of a harness starts from. */
  readonly cwd: string;
}

/** How a command line is to be written. */
export const CONFORMANCE_USAGE: string = `outrelay conformance HARNESS [--grep S5] [--seed 1] [--report text|json]

Proves that a store, a transport or a source keeps the specification.

  HARNESS   module whose default export, or export "harness", is a harness or a function that answers with one
  --grep    a section (S5), a clause (S5.8), or words of its sentence
  --seed    whole number from which all data is drawn; default 1
  --report  text for people (default), json for machines
`;

/**
 * Runs the suite from a command line; answers with the exit code: 0 it conforms, 1 it does not, 2 the call is wrong.
 *
 * @param args - what follows the name of the command
 */
export async function runConformanceCli(args: readonly string[], io: ConformanceIo): Promise<0 | 1 | 2> {
  let harness: Harness;
  let planned: ReturnType<typeof planConformance>;
  let report: string;
  try {
    const { values, positionals } = parse(args);
    if (values.help === true) {
      io.out(CONFORMANCE_USAGE);
      return 0;
    }
    report = values.report;
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0 || !['text', 'json'].includes(report))
      throw new TypeError(CONFORMANCE_USAGE);
    harness = await load(path, io.cwd);
    planned = planConformance(harness, { grep: values.grep, seed: seedOf(values.seed) });
  } catch (error) {
    io.err(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const results: ClauseResult[] = [];
  for (const clause of planned) {
    const result = await clause.run();
    results.push(result);
    if (result.status !== 'not-applicable') io.err(`${formatResult(result)}\n`);
  }
  if (report === 'json') io.out(`${JSON.stringify(toJson(harness.name, results), null, 2)}\n`);
  else io.out(`\n${formatReport(harness.name, results)}`);
  return summarise(results).conforms ? 0 : 1;
}

function parse(args: readonly string[]): {
  values: { grep?: string; seed?: string; report: string; help?: boolean };
  positionals: string[];
} {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      grep: { type: 'string' },
      seed: { type: 'string' },
      report: { type: 'string', default: 'text' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function seedOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new TypeError(`--seed must be a whole number from 0 to 4294967295; got ${JSON.stringify(text)}.`);
}
