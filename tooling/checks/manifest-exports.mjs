/**
 * The part of a package.json that the checks read.
 *
 * @typedef {Record<string, unknown> & {
 *   name: string,
 *   description?: string,
 *   keywords?: string[],
 *   main?: string,
 *   types?: string,
 *   engines?: { node?: string },
 *   exports?: Record<string, string | Record<string, string>>,
 *   files?: string[],
 *   publishConfig?: { access?: string },
 *   scripts?: Record<string, string>,
 *   dependencies?: Record<string, string>,
 *   devDependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string>,
 *   outrelay?: { testServers?: string[], node24?: string },
 * }} Manifest
 */

/**
 * Every entry point has types first, then code; the oldest resolution mode finds the main one as well. Only data stands
 * there as a plain path: the other checks would not see a module that does.
 *
 * @param {Manifest} manifest
 * @returns {string[]}
 */
export function exportProblems({ exports: exported, main, types }) {
  if (exported === undefined) return ['it has no exports'];
  const problems = [];
  if (exported['./package.json'] !== './package.json') problems.push('exports must list "./package.json"');
  for (const [subpath, target] of Object.entries(exported)) {
    if (typeof target === 'string' && !/\.[cm]?js$/.test(target)) continue;
    const conditions = typeof target === 'string' ? 'none' : Object.keys(target).join(', ');
    if (conditions !== 'types, default') {
      problems.push(`exports "${subpath}" must have the conditions types, default; it has ${conditions}`);
    }
  }
  const root = exported['.'];
  if (typeof root === 'object') {
    if (main !== root['default']) problems.push('main must name the same file as exports "."');
    if (types !== root['types']) problems.push('types must name the same file as exports "."');
  }
  return problems;
}
