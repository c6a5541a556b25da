// The supervisor: starts the processes of the demo, shows them, kills the relay, and draws up the ledger.
import { playDemo } from './demo/demo.ts';
import { createGround, type Ground } from './demo/ground.ts';
import { type DemoOptions, HELP, readOptions } from './demo/options.ts';
import { styleFor } from './demo/style.ts';
import { findings, isGood, verdictLines } from './demo/verdict.ts';
import { createView } from './demo/view.ts';

function introduction({ to, spareRelay }: DemoOptions): string {
  const trouble = to === null ? 'some answers come too late' : 'the consumer is killed';
  const relay = spareRelay ? 'nothing happens to the relay' : 'the relay is killed twice';
  return `
A shop writes orders, a relay carries its messages, a consumer applies them:
three processes, two databases. Some cards are refused and their orders rolled
back, ${trouble}, and ${relay}.
`;
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(options: DemoOptions): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => interrupted.abort(new Error(`Ended by ${name}.`)));
  }
  // Nobody watches any more: a closed terminal, or the end of a pipe.
  process.stdout.on('error', () => interrupted.abort(new Error('The output was closed.')));
  const ground = await createGround(options);
  try {
    if (!options.json) {
      console.log(introduction(options));
      for (const place of ground.places) console.log(`  ${place}`);
      console.log('');
    }
    const view = createView(process.stdout, options.json);
    const { ledger, kills } = await playDemo(options, ground, view, interrupted.signal);
    const found = findings(ledger, kills);
    if (options.json) console.log(JSON.stringify({ ...ledger, kills, good: isGood(found) }));
    else for (const line of verdictLines(found, styleFor(process.stdout))) console.log(line);
    return isGood(found) ? 0 : 1;
  } finally {
    await leave(ground, options);
  }
}

async function leave(ground: Ground, { keep, json }: DemoOptions): Promise<void> {
  try {
    if (!keep) await ground.remove();
    else if (!json) console.log(`\nKept:\n${ground.places.map((place) => `  ${place}\n`).join('')}`);
  } finally {
    await ground.close();
  }
}
