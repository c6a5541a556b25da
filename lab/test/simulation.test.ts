import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { HONEST } from '../src/engine/load-engine.ts';
import { runSeed } from '../src/simulation/course.ts';

const MAIN = fileURLToPath(new URL('../dist/simulation/main.js', import.meta.url));
/** A machine that has other things to do may be slow; nothing here is about speed. */
const PATIENCE_MS = 900_000;

const simulate = (...args: readonly string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, [MAIN, ...args], { maxBuffer: 64 * 1024 * 1024 });

it(
  'ten thousand courses of events hold no loss, no disorder and no repeat without a reason',
  async () => {
    const { stdout } = await simulate('--seeds', '10000');
    expect(stdout).toMatch(/^10000 seeds, \d+ events, \d+ deliveries in .* s: 0 violations\n$/);
  },
  PATIENCE_MS,
);

it('a seed has one course of events', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const first = await runSeed(seed, HONEST, true);
    const again = await runSeed(seed, HONEST, true);
    expect(again.lines).toEqual(first.lines);
    expect(again.fingerprint).toBe(first.fingerprint);
    expect((await runSeed(seed, HONEST)).fingerprint).toBe(first.fingerprint);
  }
});

it('a violation is printed with its seed and its trace, and comes again when it is asked for', async () => {
  const found = await simulate('--seeds', '50', '--mutant', 'settles-first').catch((error: unknown) => error);
  expect(found).toMatchObject({ code: 1 });
  const { stdout } = found as { stdout: string };
  const seed = /^seed (\d+): \{/m.exec(stdout)?.[1] ?? 'none';
  const violation = new RegExp(`^seed ${seed}: .*the broker does not have it \\(R1\\.2\\)$`, 'm');
  expect(stdout).toMatch(violation);
  expect(stdout).toMatch(/^ +\d+\.\d{3} {2}relay 1 +claim/m);
  const replayed = await simulate('--seed', seed, '--mutant', 'settles-first').catch(
    (error: unknown) => error,
  );
  expect((replayed as { stdout: string }).stdout).toMatch(violation);
  expect((replayed as { stdout: string }).stdout).not.toContain('not deterministic');
});
