import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { readArguments, USAGE } from './arguments.ts';
import { OwnServers } from './harness/own-servers.ts';
import { runScenario } from './harness/run-scenario.ts';
import type { Scenario } from './harness/scenario.ts';
import { surroundings } from './harness/surroundings.ts';
import { scenarioText, surroundingsText } from './report/markdown.ts';
import { resultOf, type ScenarioResult } from './report/results.ts';
import { scenarios } from './scenarios/scenarios.ts';

/** Progress goes to the standard error, results to the standard output. */
const say = (line: string): void => console.error(line);

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  const chosen = choose(args.only);
  if (args.list) {
    for (const { name, title } of chosen) console.log(`${name.padEnd(28)} ${title}`);
    return;
  }
  const servers = new OwnServers();
  const results: ScenarioResult[] = [];
  try {
    for (const scenario of chosen) {
      say(`${scenario.title} (${scenario.name})`);
      const urls = await servers.urls(scenario.servers);
      const result = resultOf(await runScenario(scenario, { ...args, urls, say }));
      results.push(result);
      console.log(`${scenarioText(result)}\n`);
    }
  } finally {
    await servers.remove();
  }
  const machine = surroundings(servers.versions());
  console.log(surroundingsText(machine));
  if (args.json !== null)
    await writeFile(args.json, `${JSON.stringify({ surroundings: machine, results }, null, 2)}\n`);
}

function choose(parts: readonly string[]): readonly Scenario[] {
  const chosen = scenarios.filter(
    ({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)),
  );
  if (chosen.length === 0)
    throw new TypeError(`No scenario has ${parts.join(' or ')} in its name.\n\n${USAGE}`);
  return chosen;
}

try {
  await main();
} catch (error) {
  say(error instanceof TypeError ? error.message : String((error as Error).stack));
  process.exitCode = 1;
}
