import { spawn } from 'node:child_process';
import type { Account } from './account.ts';

/** How a command ended. */
export interface CommandResult {
  readonly code: number | null;
  /** Standard output and error, in the order in which they came. */
  readonly output: string;
}

/** Where and as whom a command runs. */
export interface CommandOptions {
  readonly cwd?: string | undefined;
  readonly account?: Account | null | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Ends the command after this many milliseconds. Default: never. */
  readonly timeoutMs?: number | undefined;
}

/** Runs a command to its end; a command that cannot be started, or fails, is an answer and not an error. */
export function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
      ...options.account,
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output: output.trim() }));
  });
}

/** Runs a command that must succeed, and answers with its output. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output;
  throw new Error(`${command} ended with ${code ?? 'an error'}:\n${tail(output)}`);
}

/** The last lines of a text. */
export function tail(text: string, lines = 20): string {
  return text.trim().split('\n').slice(-lines).join('\n');
}
