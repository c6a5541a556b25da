import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';
import { onSignal, throwIfInterrupted } from './interruption.mjs';

/**
 * @typedef {object} ChildOptions
 * @property {NodeJS.ProcessEnv} env
 * @property {string} [cwd] default: the root of the repository
 * @property {'show' | 'keep'} [output] `show`: on this terminal; `keep`: in the answer. Default: `show`
 * @property {string} [prefix] stands before every shown line
 * @property {(line: string) => boolean} [shows] which lines are shown; all are kept. Default: all of them
 * @property {number} [limitMs] milliseconds after which the group is killed. Default: there is no limit
 */

/**
 * Runs a program to its end; its failure is an answer.
 *
 * The program gets a process group of its own, so that Ctrl-C reaches this process alone, which then ends the whole
 * group in good order, and at a second Ctrl-C at once.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {ChildOptions} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runChild(program, args, options) {
  const { env, cwd = ROOT, output = 'show', prefix, shows, limitMs } = options;
  throwIfInterrupted();
  const shown = output === 'show' && prefix === undefined && shows === undefined;
  const child = spawn(program, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', shown ? 'inherit' : 'pipe', shown ? 'inherit' : 'pipe'],
  });
  const unlisten = onSignal((_, again) => endGroup(child.pid, again ? 'SIGKILL' : 'SIGTERM'));
  const kept = collect(child, (line) => {
    if (output === 'show' && (shows?.(line) ?? true)) process.stdout.write(`${prefix ?? ''}${line}\n`);
  });
  const limit =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          kept.push(`\nIt was ended after ${limitMs / 1_000} seconds without an end of its own.\n`);
          endGroup(child.pid, 'SIGKILL');
        }, limitMs);
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      kept.push(error.message);
      resolve(127);
    });
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  clearTimeout(limit);
  unlisten();
  throwIfInterrupted();
  return { code, output: kept.join('') };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {(line: string) => void} take
 * @returns {string[]} all that was written, in parts
 */
function collect(child, take) {
  /** @type {string[]} */
  const kept = [];
  for (const stream of [child.stdout, child.stderr]) {
    let line = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (/** @type {string} */ chunk) => {
      kept.push(chunk);
      const lines = (line + chunk).split('\n');
      line = lines.pop() ?? '';
      for (const text of lines) take(text);
    });
    stream?.on('end', () => {
      if (line !== '') take(line);
    });
  }
  return kept;
}

/**
 * @param {number | undefined} pid the leader of the group
 * @param {NodeJS.Signals} signal
 */
function endGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}
