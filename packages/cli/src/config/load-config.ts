import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { any, describe, errorText, guardStore, readOptions } from '@outrelay/core';
import { UsageError } from '../usage-error.ts';
import type { OutrelayConfig } from './define-config.ts';

/** A configuration and the file it came from. */
export interface LoadedConfig {
  readonly config: OutrelayConfig;
  readonly file: string;
}

const FILE_NAMES = ['outrelay.config.ts', 'outrelay.config.mjs', 'outrelay.config.js'];

/** Loads the named file, else the one in the person's folder; `null` when there is none. */
export async function loadConfig(given: string | undefined, cwd: string): Promise<LoadedConfig | null> {
  const file = given === undefined ? findConfig(cwd) : resolve(cwd, given);
  if (file === null) return null;
  if (!existsSync(file)) throw new UsageError(`--config: there is no file ${given}.`);
  assertReadable(file);
  return { config: checkConfig(await importConfig(file), file), file };
}

function findConfig(cwd: string): string | null {
  const found = FILE_NAMES.map((name) => join(cwd, name)).filter((file) => existsSync(file));
  if (found.length < 2) return found[0] ?? null;
  throw new UsageError(`There are several configuration files here: ${found.join(', ')}.`, {
    advice: 'Keep one of them, or name one: --config FILE',
  });
}

/** Node.js strips types by itself in some versions; without that, the syntax error it gives helps nobody. */
function assertReadable(file: string): void {
  const { typescript } = process.features as { typescript?: unknown };
  if (!/\.[cm]?ts$/.test(file) || Boolean(typescript)) return;
  throw new UsageError(`This Node.js (${process.version}) cannot read the TypeScript file ${file}.`, {
    advice: 'Use Node.js 22.18 or later, or write the configuration in JavaScript: outrelay.config.mjs',
  });
}

async function importConfig(file: string): Promise<unknown> {
  let loaded: { default?: unknown };
  try {
    loaded = (await import(pathToFileURL(file).href)) as { default?: unknown };
  } catch (error) {
    throw new UsageError(`The configuration ${file} cannot be loaded: ${errorText(error)}`, { cause: error });
  }
  if (loaded.default !== undefined) return loaded.default;
  throw new UsageError(`The configuration ${file} has no default export.`, {
    advice: 'It ends with: export default defineConfig({ store, transport })',
  });
}

function checkConfig(exported: unknown, file: string): OutrelayConfig {
  const owner = `The configuration ${file}`;
  try {
    const config = readOptions(owner, exported, CHECKS);
    guardStore(config.store);
  } catch (error) {
    throw new UsageError(errorText(error), { cause: error });
  }
  // Only what was given: a relay has defaults of its own, and takes `undefined` for them.
  return exported as OutrelayConfig;
}

const ANYTHING = any<unknown>(undefined);
const CHECKS = {
  store: (value: unknown, name: string): unknown => {
    if (typeof value === 'object' && value !== null) return value;
    throw new TypeError(
      `${name} must be a store such as sqliteStore({ file: 'shop.db' }); got ${describe(value)}.`,
    );
  },
  transport: ANYTHING,
  routes: ANYTHING,
  topics: ANYTHING,
  name: ANYTHING,
  lanes: ANYTHING,
  batch: ANYTHING,
  leaseMs: ANYTHING,
  lingerMs: ANYTHING,
  poll: ANYTHING,
  publishTimeoutMs: ANYTHING,
  retry: ANYTHING,
  breaker: ANYTHING,
  wakeups: ANYTHING,
  purgeIntervalMs: ANYTHING,
  onEvent: ANYTHING,
} satisfies Record<keyof OutrelayConfig, unknown>;
