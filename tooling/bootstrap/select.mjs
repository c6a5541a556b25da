import { Failure } from './failure.mjs';

/**
 * The packages whose suites run: all that have one, or those that were named, with or without the scope.
 *
 * @param {readonly import('./workspace.mjs').Package[]} packages
 * @param {readonly string[]} names
 * @returns {import('./workspace.mjs').Package[]}
 */
export function selectSuites(packages, names) {
  const suites = packages.filter(({ scripts }) => scripts['test'] !== undefined);
  for (const name of names) {
    if (!suites.some((suite) => isNamed(suite, name))) {
      const known = suites.map(({ short }) => short).join(', ');
      throw new Failure(`No package with a test suite is named ${name}. There are: ${known}.`);
    }
  }
  return names.length === 0 ? suites : suites.filter((suite) => names.some((name) => isNamed(suite, name)));
}

/**
 * @param {import('./workspace.mjs').Package} suite
 * @param {string} name
 */
function isNamed(suite, name) {
  return suite.name === name || suite.short === name;
}
