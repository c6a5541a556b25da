import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * @typedef {object} EntryPoint
 * @property {string} specifier what users import, for example `@outrelay/store-sqlite/knex`
 * @property {string} title the specifier without the scope, with dashes, for example `store-sqlite-knex`
 * @property {string} types absolute path of the declarations
 * @property {string} code absolute path of the module
 */

/**
 * What a package exports to users, by its `exports`; data files and patterns are no entry points.
 *
 * @param {string} directory of the package
 * @returns {EntryPoint[]}
 */
export function entryPoints(directory) {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  /** @type {Record<string, string | { types?: string, default?: string }>} */
  const exported = manifest.exports ?? {};
  return Object.entries(exported).flatMap(([subpath, target]) => {
    if (typeof target === 'string' || target.types === undefined || target.default === undefined) return [];
    const specifier = manifest.name + subpath.slice(1);
    const title = (basename(manifest.name) + subpath.slice(1)).replaceAll('/', '-');
    return { specifier, title, types: join(directory, target.types), code: join(directory, target.default) };
  });
}
