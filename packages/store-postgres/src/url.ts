import { OutboxError } from '@outrelay/core';
import type { PostgresStoreOptions } from './options.ts';
import { type PostgresStore, postgresStore } from './store.ts';

/** Options that a URL can carry, and whether they are whole numbers. */
const OPTIONS = {
  maxConnections: 'number',
  schema: 'text',
  prefix: 'text',
  history: 'text',
  historyRetentionMs: 'number',
  receiptRetentionMs: 'number',
  wakeups: 'text',
  wakeupUrl: 'text',
} as const satisfies Partial<Record<keyof PostgresStoreOptions, 'text' | 'number'>>;

/**
 * Creates the store of a `postgres:` or `postgresql:` URL, for the command line and others who have nothing but texts.
 *
 * Options of {@link postgresStore} stand in the query, as in `postgres://localhost/shop?schema=events`, or beside the
 * URL. Everything else in the URL is the driver's, for example `sslmode=require` or `application_name=relay`.
 *
 * @throws OutboxError `CONFIG_INVALID` for a URL or option that is not accepted
 */
export function fromUrl(url: string, options: Readonly<Record<string, string>> = {}): PostgresStore {
  const parsed = parse(url);
  const given: [name: string, value: string][] = Object.entries(options);
  for (const name of Object.keys(OPTIONS)) {
    for (const value of parsed.searchParams.getAll(name)) given.push([name, value]);
    parsed.searchParams.delete(name);
  }
  try {
    return postgresStore({ ...optionsOf(given), url: parsed.href });
  } catch (error) {
    if (error instanceof TypeError) throw new OutboxError('CONFIG_INVALID', error.message, { cause: error });
    throw error;
  }
}

function parse(url: string): URL {
  try {
    const parsed = new URL(url);
    if (/^postgres(?:ql)?:$/.test(parsed.protocol)) return parsed;
  } catch {
    // The text of that error would quote the URL, which may hold a password.
  }
  throw invalid('expected a URL such as postgres://user:password@localhost:5432/shop');
}

function optionsOf(
  given: readonly (readonly [name: string, value: string])[],
): Record<string, string | number> {
  const options: Record<string, string | number> = {};
  for (const [name, value] of given) {
    if (!Object.hasOwn(OPTIONS, name))
      throw invalid(`it takes no option ${JSON.stringify(name)}, only ${Object.keys(OPTIONS).join(', ')}`);
    if (Object.hasOwn(options, name)) throw invalid(`the option "${name}" is given twice`);
    const isNumber = OPTIONS[name as keyof typeof OPTIONS] === 'number';
    if (isNumber && !/^\d{1,15}$/.test(value)) throw invalid(`the option "${name}" must be a whole number`);
    options[name] = isNumber ? Number(value) : value;
  }
  return options;
}

function invalid(reason: string): OutboxError {
  return new OutboxError('CONFIG_INVALID', `The PostgreSQL store cannot be created by URL: ${reason}.`);
}
