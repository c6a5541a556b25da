import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const PROGRAM = fileURLToPath(new URL('support/program.mjs', import.meta.url));

/** Runs the built package in a program whose output is a real pipe. */
function startProgram(count: number): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, String(count)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return child;
}

describe('a program that writes to its own output', () => {
  it('delivers every line to the reader', async () => {
    const { stdout, stderr } = startProgram(500);
    if (stdout === null || stderr === null) throw new Error('the program has no pipes');
    const [output, report] = await Promise.all([text(stdout), text(stderr)]);
    expect(report).toBe('accepted 500');
    const ids = output
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(Array.from({ length: 500 }, (_, at) => `m${at}`));
  });

  it('learns that its reader has gone, and lives on', async () => {
    const program = startProgram(1_000_000_000);
    const { stdout, stderr } = program;
    if (stdout === null || stderr === null) throw new Error('the program has no pipes');
    const exited = once(program, 'exit');
    await once(stdout, 'data');
    stdout.destroy();
    expect(await text(stderr)).toBe('TRANSPORT_UNAVAILABLE EPIPE');
    expect(await exited).toEqual([0, null]);
  });
});
