import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { RESULTS } from './paths.mjs';
import { notesFile, resultsFile } from './results-file.mjs';

/** Characters that are shown of the message of a failure. */
const REASON_LENGTH = 500;

/**
 * What one suite reported.
 *
 * @typedef {object} SuiteResult
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly import('@outrelay/servers').Note[]} notes
 * @property {readonly string[]} failures the tests that failed, by file and title, and why
 * @property {readonly string[]} problems what failed besides single tests
 */

/**
 * The part of a JSON report that is read; vitest writes it, and any other runner may write the same.
 *
 * @typedef {object} Report
 * @property {boolean} success
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} [numTodoTests]
 * @property {TestFile[]} [testResults]
 */

/**
 * @typedef {object} TestFile
 * @property {string} name
 * @property {string} status
 * @property {{ status: string, title: string, failureMessages?: string[] }[]} assertionResults
 */

/**
 * Reads what a suite left behind. A suite without a report has crashed, which counts as one failure; so does a file
 * whose tests could not be loaded, and a run that failed although each of its tests passed.
 *
 * @param {string} packageName
 * @param {string} [lane]
 * @param {string} [directory]
 * @returns {SuiteResult}
 */
export function readResult(packageName, lane, directory = RESULTS) {
  const notes = readNotes(join(directory, notesFile(packageName, lane)));
  const report = readReport(join(directory, resultsFile(packageName, lane)));
  if (report === null) {
    return { passed: 0, failed: 1, skipped: 0, notes, failures: [], problems: ['ended without a report'] };
  }
  const problems = brokenFiles(report).map((name) => `${name} could not be run`);
  if (!report.success && report.numFailedTests === 0 && problems.length === 0) {
    problems.push((report.testResults ?? []).length === 0 ? 'has no tests' : 'failed outside its tests');
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + problems.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    notes: [...notes, ...reasonsInTitles(report)],
    failures: failedTests(report),
    problems,
  };
}

/**
 * What is said of a run that failed although the report of each suite is good.
 *
 * @param {number} code
 * @returns {SuiteResult}
 */
export function failedOutside(code) {
  return {
    passed: 0,
    failed: 1,
    skipped: 0,
    notes: [],
    failures: [],
    problems: [`ended with exit code ${code}`],
  };
}

/**
 * Adds what only the exit code of a suite says.
 *
 * @param {SuiteResult} result
 * @param {number} code
 * @returns {SuiteResult}
 */
export function withExitCode(result, code) {
  if (code === 0 || result.failed > 0) return result;
  return { ...result, failed: 1, problems: [...result.problems, ...failedOutside(code).problems] };
}

/**
 * What is said of a suite whose lane could not be prepared: a skip, or a failure where everything is required.
 *
 * @param {string} reason
 * @param {boolean} required
 * @returns {SuiteResult}
 */
export function notPrepared(reason, required) {
  const problem = `${required ? 'required' : 'skipped'}: ${reason}`;
  return { passed: 0, failed: required ? 1 : 0, skipped: 0, notes: [], failures: [], problems: [problem] };
}

/**
 * @param {string} path
 * @returns {Report | null}
 */
function readReport(path) {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Half a report: its runner was killed while it wrote.
    return null;
  }
}

/**
 * @param {Report} report
 * @returns {string[]}
 */
function brokenFiles({ testResults = [] }) {
  return testResults
    .filter(({ status, assertionResults }) => {
      return status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
    })
    .map(({ name }) => name.split('/').at(-1) ?? name);
}

/**
 * @param {Report} report
 * @returns {string[]}
 */
function failedTests({ testResults = [] }) {
  return testResults.flatMap(({ name, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    return failed.map((test) => `${name.split('/').at(-1)}: ${test.title}${reasonOf(test)}`);
  });
}

/**
 * The message of a failure on one line, without the stack: what was printed above may be far away, or lost.
 *
 * @param {{ failureMessages?: string[] }} test
 */
function reasonOf({ failureMessages: [message = ''] = [] }) {
  const [text = ''] = stripVTControlCharacters(message).split(/\n\s+at /);
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line === '') return '';
  return ` – ${line.length > REASON_LENGTH ? `${line.slice(0, REASON_LENGTH)}…` : line}`;
}

/**
 * The reasons that skipped tests carry in brackets at the end of their titles, as those of the conformance suite do.
 *
 * @param {Report} report
 * @returns {import('@outrelay/servers').Note[]}
 */
function reasonsInTitles({ testResults = [] }) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { status, title } of testResults.flatMap((file) => file.assertionResults)) {
    const reason = status === 'skipped' ? /\(([^()]+)\)$/.exec(title)?.[1] : undefined;
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ kind: 'skip', reason: `${reason} (${count} times)` }));
}

/**
 * @param {string} path
 * @returns {import('@outrelay/servers').Note[]}
 */
function readNotes(path) {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}
