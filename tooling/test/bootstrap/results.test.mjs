import { describe, expect, it } from 'vitest';
import { readResult, withExitCode } from '../../bootstrap/results.mjs';
import { scratch } from '../scratch.mjs';

const PASSED = {
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 0,
  testResults: [
    { name: '/x/a.test.ts', status: 'passed', assertionResults: [{ status: 'passed', title: 'a' }] },
  ],
};

/** @param {Record<string, string | object>} files */
const resultOf = (files) => readResult('@outrelay/core', undefined, scratch(files));

describe('readResult', () => {
  it('reads the totals and the notes', () => {
    const notes = [
      { kind: 'server', server: 'Redis', version: '7.0' },
      { kind: 'skip', reason: 'too old' },
    ];
    const lines = notes.map((note) => `${JSON.stringify(note)}\n`).join('');
    const result = resultOf({ 'core.json': PASSED, 'core.notes.jsonl': lines });
    expect(result).toEqual({ passed: 3, failed: 0, skipped: 1, notes, failures: [], problems: [] });
  });

  it('reads why tests were skipped from their titles', () => {
    const assertionResults = [
      { status: 'skipped', title: 'S5.9 A wrong clock (not exercised: the harness offers no wrongClock)' },
      { status: 'skipped', title: 'S5.9 A slow clock (not exercised: the harness offers no wrongClock)' },
      { status: 'skipped', title: 'takes its time' },
      { status: 'passed', title: 'counts (in numbers)' },
    ];
    const testResults = [{ name: '/x/a.test.ts', status: 'passed', assertionResults }];
    expect(resultOf({ 'core.json': { ...PASSED, testResults } }).notes).toEqual([
      { kind: 'skip', reason: 'not exercised: the harness offers no wrongClock (2 times)' },
    ]);
  });

  it('keeps lanes apart', () => {
    const directory = scratch({ 'core@node24.json': PASSED });
    expect(readResult('@outrelay/core', 'node24', directory).passed).toBe(3);
    expect(readResult('@outrelay/core', undefined, directory).failed).toBe(1);
  });

  it('counts a suite without a report, or with half of one, as one failure', () => {
    expect(resultOf({})).toMatchObject({ failed: 1, problems: ['ended without a report'] });
    expect(resultOf({ 'core.json': '{"success":tr' })).toMatchObject({ passed: 0, failed: 1 });
  });

  it('says why a test failed, on one line and without the stack', () => {
    /** @param {string} message */
    const failuresOf = (message) => {
      const test = { status: 'failed', title: 'counts', failureMessages: [message] };
      const testResults = [{ name: '/x/a.test.ts', status: 'failed', assertionResults: [test] }];
      return resultOf({ 'core.json': { ...PASSED, success: false, numFailedTests: 1, testResults } })
        .failures;
    };
    expect(
      failuresOf(
        'Error: \u001B[31mexpected\u001B[39m 1\n\n  got 2\n    at count (/x/a.ts:1:1)\n    at /x/b.ts',
      ),
    ).toEqual(['a.test.ts: counts – Error: expected 1 got 2']);
    expect(failuresOf('')).toEqual(['a.test.ts: counts']);
    expect(failuresOf('long '.repeat(200))[0]).toHaveLength('a.test.ts: counts – '.length + 501);
  });

  it('counts a file that could not be run, beside the tests that failed', () => {
    const testResults = [
      { name: '/x/broken.test.ts', status: 'failed', assertionResults: [] },
      { name: '/x/b.test.ts', status: 'failed', assertionResults: [{ status: 'failed', title: 'counts' }] },
    ];
    const result = resultOf({ 'core.json': { ...PASSED, success: false, numFailedTests: 1, testResults } });
    expect(result).toMatchObject({
      failed: 2,
      failures: ['b.test.ts: counts'],
      problems: ['broken.test.ts could not be run'],
    });
  });

  it('counts a failure outside the tests, and a suite that has none', () => {
    const outside = resultOf({ 'core.json': { ...PASSED, success: false } });
    expect(outside).toMatchObject({ failed: 1, problems: ['failed outside its tests'] });
    const empty = resultOf({
      'core.json': { ...PASSED, success: false, numPassedTests: 0, testResults: [] },
    });
    expect(empty).toMatchObject({ failed: 1, problems: ['has no tests'] });
  });
});

describe('withExitCode', () => {
  it('counts a bad end that the report does not know of, once', () => {
    const good = { passed: 3, failed: 0, skipped: 0, notes: [], failures: [], problems: [] };
    expect(withExitCode(good, 0)).toBe(good);
    expect(withExitCode(good, 7)).toMatchObject({ failed: 1, problems: ['ended with exit code 7'] });
    expect(withExitCode({ ...good, failed: 2 }, 1).failed).toBe(2);
  });
});
