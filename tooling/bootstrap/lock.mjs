import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
    if (holder === null || !isRunning(holder)) removeStale(path, holder);
    else {
      if (!announced) say(`Waiting for another run in this checkout (process ${holder}).`);
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

/**
 * The file appears with its content: a process that dies in between leaves no lock without a holder.
 *
 * @param {string} path
 */
function take(path) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Removes the file of a process that is gone, and puts it back when it has become that of another one: two that wait may
 * have seen the same dead holder, and one of them holds the lock by now.
 *
 * @param {string} path
 * @param {number | null} holder
 */
function removeStale(path, holder) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (holderOf(aside) !== holder) linkSync(aside, path);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * @param {string} path
 * @returns {number | null} `null` when there is no such file, or no process in it
 */
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
