const EXACT = /^(?:catalog:|workspace:\*|(?:npm:.+@)?\d+\.\d+\.\d+(?:-[\w.]+)?)$/;
const ADAPTER = /^@outrelay\/(?:store|transport)-/;

/**
 * The arrows of the architecture, and pins: core depends on nothing, adapters take core and their driver as peers, bring
 * nothing along and never depend on each other, what only development needs is pinned exactly.
 *
 * @param {import('./manifest-exports.mjs').Manifest} manifest
 * @returns {string[]}
 */
export function dependencyProblems({
  name,
  dependencies = {},
  optionalDependencies = {},
  devDependencies = {},
  peerDependencies = {},
}) {
  const problems = [];
  const brought = { ...dependencies, ...optionalDependencies };
  const all = { ...brought, ...peerDependencies };
  if (name === '@outrelay/core' && Object.keys(all).length > 0) problems.push('core has no dependencies');
  for (const [dependency, range] of Object.entries(all)) {
    if (!dependency.startsWith('@outrelay/')) continue;
    if (range !== 'workspace:^') problems.push(`${dependency} must be "workspace:^"; it is "${range}"`);
    if (ADAPTER.test(name) && ADAPTER.test(dependency))
      problems.push(`no adapter depends on another: ${dependency}`);
  }
  if (ADAPTER.test(name)) {
    if (peerDependencies['@outrelay/core'] === undefined)
      problems.push('@outrelay/core must be a peer dependency');
    for (const dependency of Object.keys(brought)) {
      problems.push(`an adapter brings nothing along: ${dependency} must be a peer dependency`);
    }
  }
  for (const [dependency, range] of Object.entries(devDependencies)) {
    if (!EXACT.test(range)) problems.push(`${dependency} must be pinned exactly; it is "${range}"`);
  }
  return problems;
}
