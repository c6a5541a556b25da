import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capabilityTables } from './capability-tables.mjs';
import { enduranceChart, enduranceReport } from './endurance.mjs';
import { errorReference } from './error-reference.mjs';

/**
 * Makes one file, or a part of it, from what the built packages export, or from a record of the lab.
 *
 * @typedef {object} Generator
 * @property {string} file relative to the root
 * @property {(root: string, present: string) => Promise<string>} make the whole text, from the present one
 */

/**
 * Every generator there is; a new one is added here and nowhere else.
 *
 * @type {readonly Generator[]}
 */
const GENERATORS = [errorReference, capabilityTables, enduranceChart, enduranceReport];

/**
 * The generated files that are not what their generator makes now.
 *
 * @param {string} root
 */
export async function staleFiles(root) {
  const stale = await outdated(root);
  return stale.map(({ file }) => file);
}

/**
 * Writes the generated files that are out of date, and answers with their names.
 *
 * @param {string} root
 */
export async function writeGenerated(root) {
  const stale = await outdated(root);
  for (const { file, text } of stale) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return stale.map(({ file }) => file);
}

/** @param {string} root */
async function outdated(root) {
  const stale = [];
  for (const { file, make } of GENERATORS) {
    const path = join(root, file);
    const present = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const text = await make(root, present);
    if (text !== present) stale.push({ file, text });
  }
  return stale;
}
