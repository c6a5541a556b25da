import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runChild } from '../../bootstrap/child.mjs';
import { isRunning } from '../is-running.mjs';

const INTERRUPTIBLE = fileURLToPath(new URL('../fixtures/interruptible.mjs', import.meta.url));

describe('runChild', () => {
  it('answers with the exit code and the output', async () => {
    const script = 'console.log("out"); console.error("err"); process.exit(3)';
    const { code, output } = await runChild(process.execPath, ['-e', script], {
      env: process.env,
      output: 'keep',
    });
    expect(code).toBe(3);
    expect(output.split('\n').toSorted()).toEqual(['', 'err', 'out']);
  });

  it('answers 127 for a program that is not there', async () => {
    const { code, output } = await runChild('no-such-program', [], { env: process.env, output: 'keep' });
    expect(code).toBe(127);
    expect(output).toContain('ENOENT');
  });

  it('kills a program that goes over its limit, and says so', async () => {
    const script = 'console.log("begun"); setInterval(() => {}, 1_000)';
    const { code, output } = await runChild(process.execPath, ['-e', script], {
      env: process.env,
      output: 'keep',
      limitMs: 2_000,
    });
    expect(code).not.toBe(0);
    expect(output).toContain('It was ended after 2 seconds');
  });

  it('ends the grandchildren, then itself, when a signal comes', async () => {
    const parent = spawn(process.execPath, [INTERRUPTIBLE], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
    const grandchild = Number((await lines.next()).value);
    const exit = once(parent, 'exit');
    parent.kill('SIGINT');
    expect(await exit).toEqual([130, null]);
    await expect.poll(() => isRunning(grandchild), { timeout: 10_000 }).toBe(false);
  });
});
