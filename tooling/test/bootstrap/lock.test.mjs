import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withLock } from '../../bootstrap/lock.mjs';
import { STATE } from '../../bootstrap/paths.mjs';

const HOLDER = fileURLToPath(new URL('../fixtures/holds-lock.mjs', import.meta.url));
const NAME = `test-${process.pid}`;

function startHolder() {
  return spawn(process.execPath, [HOLDER, NAME], { stdio: ['pipe', 'pipe', 'inherit'] });
}

/**
 * Resolves once a holder has the lock.
 *
 * @param {ReturnType<typeof startHolder>} child
 */
async function held(child) {
  for await (const line of createInterface(child.stdout)) if (line === 'held') return;
}

async function holder() {
  const child = startHolder();
  await held(child);
  return child;
}

/** @type {import('vitest').MockInstance<typeof process.stdout.write>} */
let output;

beforeEach(() => {
  output = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(() => {
  output.mockRestore();
});

/**
 * Resolves once the lock says that it waits for a process.
 *
 * @param {number | undefined} pid
 */
async function waiting(pid) {
  await expect.poll(() => output.mock.calls.flat().join('')).toContain(`(process ${pid})`);
}

describe('withLock', () => {
  it('waits until another process lets go', async () => {
    const child = await holder();
    const entered = vi.fn(() => Promise.resolve(true));
    const turn = withLock(NAME, entered);
    await waiting(child.pid);
    expect(entered).not.toHaveBeenCalled();
    child.stdin.end();
    await once(child, 'exit');
    expect(await turn).toBe(true);
  });

  it('takes over from a process that was killed', async () => {
    const child = await holder();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await withLock(NAME, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('lets one at a time take over from a process that was killed', async () => {
    writeFileSync(join(STATE, `${NAME}.lock`), '999999999');
    const others = Array.from({ length: 4 }, startHolder);
    const order = others.map(async (child) => {
      await held(child);
      const alone = readFileSync(join(STATE, `${NAME}.lock`), 'utf8');
      child.stdin.end();
      await once(child, 'exit');
      return alone === String(child.pid);
    });
    expect(await Promise.all(order)).toEqual([true, true, true, true]);
  });

  it('takes a file without a process for one that is left over', async () => {
    writeFileSync(join(STATE, `${NAME}.lock`), '');
    expect(await withLock(NAME, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('lets go when the body fails, and passes the failure on', async () => {
    await expect(withLock(NAME, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(NAME, () => Promise.resolve('again'))).toBe('again');
  });

  it('does not take a process that is there for one that is gone', async () => {
    const path = join(STATE, `${NAME}.lock`);
    writeFileSync(path, String(process.pid));
    const entered = vi.fn(() => Promise.resolve(true));
    const turn = withLock(NAME, entered);
    await waiting(process.pid);
    expect(entered).not.toHaveBeenCalled();
    writeFileSync(path, '999999999');
    expect(await turn).toBe(true);
  });
});
