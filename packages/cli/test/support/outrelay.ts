import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const BIN = join(import.meta.dirname, '..', '..', 'dist', 'bin.js');

/** What a command came to. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how a command runs. */
export interface Place {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | Uint8Array | undefined;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when the text has appeared on stdout or stderr. */
  shown(part: string): Promise<void>;
}

/** Starts the built command line as a process of its own; it ends with the test. */
export function start(args: readonly string[], { cwd, env, input }: Place): Running {
  // pnpm adds every package of the workspace to where modules are looked for; a user's folder has its own alone.
  const { NO_COLOR: _, OUTRELAY_FROM: __, OUTRELAY_TO: ___, NODE_PATH: ____, ...inherited } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env: { ...inherited, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  const look = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
      for (const check of look) check();
    });
  }
  // A command that reads nothing may end before the input is written.
  child.stdin.on('error', () => {}).end(input);
  const finished = (once(child, 'close') as Promise<[number | null]>).then(([code]) => ({ code, ...output }));
  return {
    child,
    finished,
    shown: (part) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!output.stdout.includes(part) && !output.stderr.includes(part)) return;
          look.delete(check);
          resolve();
        };
        look.add(check);
        void finished.then(() =>
          reject(new Error(`It ended without "${part}":\n${output.stdout}${output.stderr}`)),
        );
        check();
      }),
  };
}

/** Runs a command to its end. */
export function outrelay(args: readonly string[], place: Place): Promise<Finished> {
  return start(args, place).finished;
}
