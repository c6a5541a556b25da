// Ends what its parent started, once the parent is gone. See src/system/reaper.ts for the parent's side.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const GRACE_MS = 3_000;

/** @type {Map<number, NodeJS.Signals>} */
const processes = new Map();
/** @type {Set<string>} */
const directories = new Set();
/** @type {Map<string, string[]>} */
const commands = new Map();

/** @type {Record<string, (rest: string[]) => void>} */
const verbs = {
  process: ([pid, signal]) => processes.set(Number(pid), /** @type {NodeJS.Signals} */ (signal)),
  'forget-process': ([pid]) => processes.delete(Number(pid)),
  directory: ([path]) => directories.add(String(path)),
  'forget-directory': ([path]) => directories.delete(String(path)),
  command: (command) => commands.set(JSON.stringify(command), command),
  'forget-command': (command) => commands.delete(JSON.stringify(command)),
};

/**
 * @param {number} pid
 * @param {NodeJS.Signals | 0} signal 0 only asks whether the process is there
 * @returns {boolean} whether it was there
 */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function reap() {
  for (const [pid, signal] of processes) send(pid, signal);
  const end = performance.now() + GRACE_MS;
  while ([...processes.keys()].some((pid) => send(pid, 0)) && performance.now() < end) await pause(20);
  for (const pid of processes.keys()) send(pid, 'SIGKILL');
  for (const [command, ...args] of commands.values()) spawnSync(String(command), args, { stdio: 'ignore' });
  for (const path of directories)
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [verb, ...rest] = JSON.parse(line);
  verbs[verb]?.(rest);
});
lines.on('close', () => {
  void reap();
});
