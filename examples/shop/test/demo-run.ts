import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';

const MAIN = join(import.meta.dirname, '..', 'dist', 'main.js');

/** What a run of the built demo came to. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Plays the built demo as a process of its own. */
export async function demo(...args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** Expects a run with `--json` in which something happened and nothing is wrong; answers with its ledger. */
export function expectGood({ code, stdout, stderr }: Run): Readonly<Record<string, unknown>> {
  expect(stderr).toBe('');
  const ledger = JSON.parse(stdout) as Record<string, unknown>;
  expect(ledger).toMatchObject({
    good: true,
    lost: 0,
    appliedAgain: 0,
    ghosts: 0,
    keysOutOfOrder: 0,
    wrongSales: 0,
    wrongStock: 0,
    applied: ledger['committed'],
  });
  for (const figure of ['committed', 'rolledBack', 'duplicates']) {
    expect([figure, Number(ledger[figure]) > 0]).toEqual([figure, true]);
  }
  expect(code).toBe(0);
  return ledger;
}
