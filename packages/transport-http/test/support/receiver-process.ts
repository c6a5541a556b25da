import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const SCRIPT = fileURLToPath(new URL('receiver-process.mjs', import.meta.url));

/** A receiver in a process of its own. */
export interface ReceiverProcess {
  readonly port: number;
  /** Ids of the requests, in the order in which they came. */
  readonly ids: readonly string[];
  /** Resolves once this many requests have come. */
  arrived(count: number): Promise<void>;
  /** Kills the process and resolves once it is gone and all its output was read. */
  kill(): Promise<void>;
}

/** Starts a receiver; with a port to take over the one of its predecessor. It ends with the test. */
export async function startReceiverProcess(
  port = 0,
  mode: 'answer' | 'hold' = 'answer',
): Promise<ReceiverProcess> {
  const child = spawn(process.execPath, [SCRIPT, String(port), mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const ended = Promise.all([once(child, 'close'), once(lines, 'close')]);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  const [first] = (await Promise.race([once(lines, 'line'), ended])) as [unknown];
  if (typeof first !== 'string') throw new Error('the receiver process ended before it listened');
  const ids: string[] = [];
  lines.on('line', (line) => ids.push(line));
  return {
    port: Number(first),
    ids,
    async arrived(count) {
      while (ids.length < count) await once(lines, 'line');
    },
    kill,
  };
}
