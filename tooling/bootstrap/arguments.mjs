import { Failure } from './failure.mjs';

/**
 * @typedef {object} Arguments
 * @property {string} command
 * @property {'all' | readonly string[]} require servers whose absence is a failure
 * @property {readonly string[]} rest package names for `test`; everything after the command for `demo`
 */

/**
 * Reads the command line.
 *
 * @param {readonly string[]} argv
 * @param {readonly string[]} commands the commands there are
 * @returns {Arguments}
 */
export function readArguments(argv, commands) {
  const [command, ...rest] = argv;
  if (command === undefined || !commands.includes(command)) {
    throw new Failure(`Expected one of the commands ${commands.join(', ')}; got ${command ?? 'none'}.`);
  }
  if (command === 'demo') return { command, require: [], rest };
  /** @type {string[]} */
  const names = [];
  /** @type {'all' | string[]} */
  let required = [];
  for (const argument of rest) {
    if (argument.startsWith('--require=')) required = readRequired(argument.slice('--require='.length));
    else if (argument.startsWith('-')) throw new Failure(`Unknown option ${argument}. ${USAGE}`);
    else names.push(argument);
  }
  return { command, require: required, rest: names };
}

const USAGE = 'Use: npm test -- [--require=all | --require=postgres,redis] [package …]';

/** @param {string} value */
function readRequired(value) {
  if (value === 'all') return 'all';
  const names = value.split(',').filter((name) => name !== '');
  if (names.length === 0) throw new Failure(`--require names no server. ${USAGE}`);
  return names;
}
