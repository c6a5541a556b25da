/**
 * One line of the table that ends a run.
 *
 * @typedef {object} Row
 * @property {string} suite
 * @property {string} server
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} why what failed, and why something was skipped
 */

/**
 * Makes the line of a suite.
 *
 * A server that is missing is a failure where it was required. Tests that were skipped need an explanation: a missing
 * server, or a note of the suite; where servers are required, an unexplained skip is a failure too.
 *
 * @param {string} title
 * @param {import('./results.mjs').SuiteResult} result
 * @param {readonly import('@outrelay/servers').Search[]} searches those that the suite asked for
 * @param {'all' | readonly string[]} required
 * @returns {Row}
 */
export function makeRow(title, result, searches, required) {
  const why = [...result.failures.map((test) => `failed: ${test}`), ...result.problems];
  let { failed } = result;
  for (const search of searches) {
    if (search.status === 'found') continue;
    const isRequired = required === 'all' || required.includes(search.name);
    if (isRequired) failed++;
    why.push(`${isRequired ? 'required' : 'skipped'}: no ${search.title}. ${search.remedy}`);
  }
  const skips = result.notes.filter((note) => note.kind === 'skip');
  why.push(...new Set(skips.map(({ reason }) => `skipped: ${reason}`)));
  const explained = skips.length > 0 || searches.some(({ status }) => status === 'missing');
  if (result.skipped > 0 && !explained) {
    why.push('skipped without a reason');
    if (required === 'all') failed++;
  }
  return {
    suite: title,
    server: servers(searches, result),
    passed: result.passed,
    failed,
    skipped: result.skipped,
    why,
  };
}

/**
 * @param {readonly import('@outrelay/servers').Search[]} searches
 * @param {import('./results.mjs').SuiteResult} result
 */
function servers(searches, { notes }) {
  const shared = searches.map((search) => {
    return search.status === 'found'
      ? `${search.title} ${search.version} (${search.origin})`
      : `no ${search.title}`;
  });
  const all = [...shared, ...ownServers(notes)];
  return all.length === 0 ? 'none' : all.join(', ');
}

/**
 * The servers that a suite started itself, each name once, for example `PostgreSQL 13.23 18.4`.
 *
 * @param {readonly import('@outrelay/servers').Note[]} notes
 */
function ownServers(notes) {
  /** @type {Map<string, Set<string>>} */
  const versions = new Map();
  for (const note of notes) {
    if (note.kind !== 'server') continue;
    versions.set(note.server, (versions.get(note.server) ?? new Set()).add(note.version));
  }
  const collator = new Intl.Collator('en', { numeric: true });
  return [...versions]
    .toSorted(([a], [b]) => collator.compare(a, b))
    .map(([name, known]) => `${name} ${[...known].toSorted(collator.compare).join(' ')}`);
}

/**
 * @param {readonly Row[]} rows
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function sumRows(rows) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const row of rows) {
    total.passed += row.passed;
    total.failed += row.failed;
    total.skipped += row.skipped;
  }
  return total;
}
