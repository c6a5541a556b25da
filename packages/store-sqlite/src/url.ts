import { OutboxError } from '@outrelay/core';
import type { SqliteStoreOptions } from './options.ts';
import { type SqliteStore, sqliteStore } from './store.ts';

/** Options that a URL can carry, and whether they are whole numbers. */
const OPTIONS = {
  prefix: 'text',
  history: 'text',
  historyRetentionMs: 'number',
  receiptRetentionMs: 'number',
  wakeupIntervalMs: 'number',
  lockTimeoutMs: 'number',
} as const satisfies Partial<Record<keyof SqliteStoreOptions, 'text' | 'number'>>;

/**
 * Creates the store of a `sqlite:` URL, for the command line and others who have nothing but texts.
 *
 * `sqlite:shop.db` is relative to the working directory, `sqlite:///var/lib/shop.db` is not. Options of
 * {@link sqliteStore}, except `driver`, stand in the query, as in `sqlite:shop.db?prefix=a_`, or beside the URL. A `?`,
 * `#` or `%` in the name of the file is percent-encoded.
 *
 * @throws OutboxError `CONFIG_INVALID` for a URL or option that is not accepted
 */
export function fromUrl(url: string, options: Readonly<Record<string, string>> = {}): SqliteStore {
  const [, path, query] = /^sqlite:([^?#]*)(?:\?([^#]*))?$/i.exec(url) ?? [];
  if (path === undefined) throw invalid('expected a URL such as sqlite:shop.db or sqlite:///var/lib/shop.db');
  const given = [...new URLSearchParams(query ?? ''), ...Object.entries(options)];
  try {
    return sqliteStore({ ...optionsOf(given), file: fileOf(path) });
  } catch (error) {
    if (error instanceof TypeError) throw new OutboxError('CONFIG_INVALID', error.message, { cause: error });
    throw error;
  }
}

function fileOf(path: string): string {
  if (path === '') throw invalid('the name of the file is missing, as in sqlite:shop.db');
  if (/^\/\/[^/]/.test(path) || path === '//') {
    throw invalid('a file has no host: an absolute path has three slashes, as in sqlite:///var/lib/shop.db');
  }
  try {
    return decodeURIComponent(path.replace(/^\/\/\//, '/'));
  } catch {
    throw invalid('its path has a percent sign that encodes nothing; write it as %25');
  }
}

function optionsOf(
  given: readonly (readonly [name: string, value: string])[],
): Record<string, string | number> {
  const options: Record<string, string | number> = {};
  for (const [name, value] of given) {
    if (!Object.hasOwn(OPTIONS, name))
      throw invalid(`it has no option ${JSON.stringify(name)}, only ${Object.keys(OPTIONS).join(', ')}`);
    if (Object.hasOwn(options, name)) throw invalid(`the option "${name}" is given twice`);
    const isNumber = OPTIONS[name as keyof typeof OPTIONS] === 'number';
    if (isNumber && !/^\d{1,15}$/.test(value))
      throw invalid(`the option "${name}" must be a whole number; got ${JSON.stringify(value)}`);
    options[name] = isNumber ? Number(value) : value;
  }
  return options;
}

function invalid(reason: string): OutboxError {
  return new OutboxError('CONFIG_INVALID', `The SQLite store cannot be created by URL: ${reason}.`);
}
