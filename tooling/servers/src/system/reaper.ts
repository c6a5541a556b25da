import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../reaper.mjs', import.meta.url));

let reaper: ChildProcess | null = null;

/**
 * Tells the reaper, a small process of its own, what must not outlive this one.
 *
 * It reads from a pipe that this process holds open. When the pipe closes, for whatever reason (a normal end, a
 * signal, `kill -9`), it ends the registered processes, runs the registered commands and removes the registered
 * directories. No exit handler of this process could do that for a `kill -9`.
 */
function tell(line: readonly string[]): void {
  if (reaper === null || reaper.exitCode !== null) {
    reaper = spawn(process.execPath, [PROGRAM], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    reaper.unref();
    (reaper.stdin as unknown as { unref(): void }).unref();
  }
  reaper.stdin?.write(`${JSON.stringify(line)}\n`);
}

/** Ends a process, with `signal` first and SIGKILL a moment later, when this process ends. */
export function reapProcess(pid: number, signal: NodeJS.Signals): void {
  tell(['process', String(pid), signal]);
}

/** Takes back {@link reapProcess}: the process has ended, its number may belong to another one soon. */
export function forgetProcess(pid: number): void {
  tell(['forget-process', String(pid)]);
}

/** Removes a directory when this process ends, after the registered processes are gone. */
export function reapDirectory(path: string): void {
  tell(['directory', path]);
}

/** Takes back {@link reapDirectory}. */
export function forgetDirectory(path: string): void {
  tell(['forget-directory', path]);
}

/** Runs a command when this process ends. */
export function reapWith(command: readonly string[]): void {
  tell(['command', ...command]);
}

/** Takes back {@link reapWith}. */
export function forgetCommand(command: readonly string[]): void {
  tell(['forget-command', ...command]);
}
