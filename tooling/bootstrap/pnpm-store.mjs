import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The variable that keeps pnpm at the store an installation came from.
 *
 * The store lies in the home directory. With another home pnpm would take the installation for a foreign one and make
 * it anew, native modules included.
 *
 * @param {string} directory of the workspace
 * @returns {{ npm_config_store_dir?: string }}
 */
export function pnpmStore(directory) {
  const record = join(directory, 'node_modules', '.modules.yaml');
  if (!existsSync(record)) return {};
  const [, path] = /"?storeDir"?: "?([^"\n]+?)"?,?$/m.exec(readFileSync(record, 'utf8')) ?? [];
  // pnpm adds the version of the format to what it is given.
  return path !== undefined && existsSync(path)
    ? { npm_config_store_dir: path.replace(/[/\\]v\d+$/, '') }
    : {};
}
