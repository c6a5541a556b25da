import { basename } from 'node:path';

/**
 * The name of the file in which a suite leaves its totals, for example `core.json` or `core@node24.json`.
 *
 * @param {string} packageName
 * @param {string} [lane]
 */
export function resultsFile(packageName, lane = '') {
  return `${suiteKey(packageName, lane)}.json`;
}

/**
 * The name of the file in which a suite leaves its notes; `@outrelay/servers` writes it.
 *
 * @param {string} packageName
 * @param {string} [lane]
 */
export function notesFile(packageName, lane = '') {
  return `${suiteKey(packageName, lane)}.notes.jsonl`;
}

/**
 * @param {string} packageName
 * @param {string} lane
 */
function suiteKey(packageName, lane) {
  return basename(packageName) + (lane === '' ? '' : `@${lane}`);
}
