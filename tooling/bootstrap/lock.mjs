import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { throwIfInterrupted } from './interruption.mjs';
import { STATE } from './paths.mjs';
import { say } from './progress.mjs';

const POLL_MS = 250;

/**
 * Runs `body` while no other process of this checkout is in a body of the same name; waits for its turn first.
 *
 * The lock is a file with the process id of its holder; the file of a process that is gone counts for nothing.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withLock(name, body) {
  mkdirSync(STATE, { recursive: true });
  const path = join(STATE, `${name}.lock`);
  let announced = false;
  while (!take(path)) {
    const holder = holderOf(path);
    if (holder !== null && !isRunning(holder)) rmSync(path, { force: true });
    else {
      if (!announced) say(`Waiting for another run in this checkout (process ${holder ?? 'unknown'}).`);
      announced = true;
      await delay(POLL_MS);
    }
    throwIfInterrupted();
  }
  try {
    return await body();
  } finally {
    rmSync(path, { force: true });
  }
}

/** @param {string} path */
function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path */
function holderOf(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
