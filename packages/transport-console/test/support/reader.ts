import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A process at the other end of a pipe. */
export interface Reader {
  /** Our end of the pipe. */
  readonly stream: Writable;
  readonly child: ChildProcess;
  /** Resolves with what it wrote to its own output, once it has ended. */
  readonly output: Promise<string>;
}

/** Runs a script of Node as the reader of a pipe; it ends with the test. */
export function startReader(script: string): Reader {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const output = once(child, 'close').then(() => Buffer.concat(chunks).toString());
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await output;
  });
  return { stream: child.stdin, child, output };
}

/** Repeats its input. */
export const ECHO = 'process.stdin.pipe(process.stdout)';
/** Says that it is there and never reads. */
export const DEAF = 'process.stdout.write("ready"); setInterval(() => {}, 60_000)';
