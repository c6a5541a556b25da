import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { ROOT, TOOLS } from './paths.mjs';

/** Where this repository's own programs are, in the order in which they are looked for. */
const PROGRAMS = [join(TOOLS, 'node_modules', '.bin'), join(ROOT, 'node_modules', '.bin')];

/**
 * The environment of everything that is started here: the caller's, with this repository's programs and the Node in
 * question first on PATH.
 *
 * Proxies, certificates and the like stay as they are. `npm_config_nodedir` names the headers that came with Node,
 * because compiling a native module would otherwise download them.
 *
 * @param {string} [node] the Node to run everything under. Default: the one that runs this
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(node = process.execPath) {
  return {
    ...process.env,
    HOME: homeDirectory(),
    PATH: [...PROGRAMS, dirname(node), process.env['PATH'] ?? ''].join(delimiter),
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    npm_config_jobs: 'max',
    ...colours(),
    ...nodeHeaders(node),
    ...globalConfig(node),
  };
}

/**
 * An empty variable is no home, and pnpm refuses to run without one.
 *
 * @returns {string}
 */
function homeDirectory() {
  const home = process.env['HOME'] ?? '';
  return home === '' ? userInfo().homedir : home;
}

/**
 * @param {string} node
 * @returns {{ npm_config_nodedir?: string }}
 */
function nodeHeaders(node) {
  const prefix = resolve(node, '../..');
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
}

/**
 * Certificates and the like may stand in npm's global settings, which lie beside a Node: another Node has none, and would
 * try for minutes to reach a registry that it does not trust.
 *
 * @param {string} node
 * @returns {{ npm_config_globalconfig?: string }}
 */
function globalConfig(node) {
  const file = join(resolve(process.execPath, '../..'), 'etc', 'npmrc');
  return node !== process.execPath && existsSync(file) ? { npm_config_globalconfig: file } : {};
}

/** Programs below turbo cannot see that nobody reads their output on a terminal. */
function colours() {
  const isPlain = !process.stdout.isTTY && process.env['FORCE_COLOR'] === undefined;
  return isPlain ? { NO_COLOR: '1' } : {};
}
