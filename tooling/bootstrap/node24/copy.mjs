import { copyFile, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** What belongs to one checkout or one Node, and is never copied or removed. */
const OWN = new Set(['.git', '.outrelay', '.tools', '.turbo', 'coverage', 'node_modules']);

/**
 * Makes `target` hold the same files as `source`, build output included. Files of the same size and time are taken to
 * be the same; what is no longer in `source` goes.
 *
 * @param {string} source
 * @param {string} target
 */
export async function mirror(source, target) {
  await mkdir(target, { recursive: true });
  const [wanted, present] = await Promise.all([entriesOf(source), entriesOf(target)]);
  for (const [name, isDirectory] of present) {
    if (wanted.get(name) !== isDirectory) await rm(join(target, name), { recursive: true, force: true });
  }
  for (const [name, isDirectory] of wanted) {
    const [from, to] = [join(source, name), join(target, name)];
    await (isDirectory ? mirror(from, to) : mirrorFile(from, to));
  }
}

/**
 * @param {string} directory
 * @returns {Promise<Map<string, boolean>>} the name of each entry, and whether it is a directory
 */
async function entriesOf(directory) {
  const entries = await readdir(directory, { withFileTypes: true });
  const own = entries.filter((entry) => !OWN.has(entry.name) && (entry.isFile() || entry.isDirectory()));
  return new Map(own.map((entry) => [entry.name, entry.isDirectory()]));
}

/**
 * @param {string} from
 * @param {string} to
 */
async function mirrorFile(from, to) {
  const [wanted, present] = await Promise.all([stat(from), stat(to).catch(() => null)]);
  if (present?.size === wanted.size && present.mtime.getTime() === wanted.mtime.getTime()) return;
  await copyFile(from, to);
  await utimes(to, wanted.atime, wanted.mtime);
}
