import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isRunning } from '../is-running.mjs';

const INTERRUPTIBLE = fileURLToPath(new URL('../fixtures/interruptible-checks.mjs', import.meta.url));

it('a signal ends the program of a check, then the checks, and none comes after it', async () => {
  const checks = spawn(process.execPath, [INTERRUPTIBLE], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(checks.stdout)[Symbol.asyncIterator]();
  const program = Number((await lines.next()).value);
  const exit = once(checks, 'exit');
  checks.kill('SIGINT');
  expect(await exit).toEqual([130, null]);
  expect((await lines.next()).done).toBe(true);
  await expect.poll(() => isRunning(program), { timeout: 10_000 }).toBe(false);
});
