import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a program of `test/programs`; its output is kept for whoever reads it. */
export function startProgram(
  name: string,
  parameters: readonly string[],
  execArgv: readonly string[] = [],
): ChildProcess {
  const path = fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url));
  return fork(path, parameters, { execArgv: [...execArgv], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** Runs a program of `test/programs` to its end, however it ends. */
export async function runProgram(name: string, parameters: readonly string[]): Promise<void> {
  const child = startProgram(name, parameters);
  child.stdout?.resume();
  child.stderr?.resume();
  await once(child, 'exit');
}
