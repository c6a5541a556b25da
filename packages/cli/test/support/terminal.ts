import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A command of util-linux that gives others a terminal. */
const SCRIPT = 'script';
const BIN = join(import.meta.dirname, '..', '..', 'dist', 'bin.js');

/** Whether `script` of util-linux is here, which gives a command a real terminal. */
export const HAS_TERMINAL: boolean =
  process.platform === 'linux' && spawnSync(SCRIPT, ['--version'], { encoding: 'utf8' }).status === 0;

/** A command in a terminal. */
export interface InTerminal {
  /** Everything the terminal was sent so far. */
  seen(): string;
  /** Resolves when the pattern has appeared. */
  shown(pattern: RegExp): Promise<void>;
  /** What a person types. */
  type(keys: string): void;
  readonly finished: Promise<number | null>;
}

/** Starts the built command line in a terminal of 100 columns; it ends with the test. */
export function startInTerminal(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): InTerminal {
  const command = ['stty', 'columns', '100', '&&', 'exec', process.execPath, BIN, ...args];
  const quoted = command.map((word) => (/[^\w./:=&-]/.test(word) ? `'${word}'` : word)).join(' ');
  const { NO_COLOR: _, ...inherited } = process.env;
  const child = spawn(SCRIPT, ['--quiet', '--return', '--command', quoted, '/dev/null'], {
    cwd,
    env: { ...inherited, TERM: 'xterm-256color', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let seen = '';
  const look = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    seen += chunk;
    for (const check of look) check();
  });
  child.stdin.on('error', () => {});
  const finished = (once(child, 'close') as Promise<[number | null]>).then(([code]) => code);
  return {
    seen: () => seen,
    finished,
    type: (keys) => void child.stdin.write(keys),
    shown: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!pattern.test(seen)) return;
          look.delete(check);
          resolve();
        };
        look.add(check);
        void finished.then(() => reject(new Error(`It ended without ${String(pattern)}:\n${seen}`)));
        check();
      }),
  };
}
