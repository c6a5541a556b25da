import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Runs a program of `test/programs` to its end, however it ends. */
export async function runProgram(name: string, parameters: readonly string[]): Promise<void> {
  const child = fork(fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url)), parameters, {
    execArgv: [],
  });
  await once(child, 'exit');
}
