import { OutboxError } from '@outrelay/core';
import { connectionOf, type MysqlStoreOptions } from './options.ts';
import { type MysqlStore, mysqlStore } from './store.ts';

/** Options that a URL can carry, and whether they are whole numbers. */
const OPTIONS = {
  prefix: 'text',
  history: 'text',
  historyRetentionMs: 'number',
  receiptRetentionMs: 'number',
  maxConnections: 'number',
  lockTimeoutMs: 'number',
  statementTimeoutMs: 'number',
} as const satisfies Partial<Record<keyof MysqlStoreOptions, 'text' | 'number'>>;

/**
 * Creates the store of a `mysql:` or `mariadb:` URL, for the command line and others who have nothing but texts.
 *
 * `mysql://user:password@host:3306/shop`; what means something in a URL is percent-encoded. Options of
 * {@link mysqlStore} stand in the query, as in `mysql://host/shop?prefix=a_`, or beside the URL. `ssl=true` asks for an
 * encrypted connection to a server whose certificate is verified.
 *
 * @throws OutboxError `CONFIG_INVALID` for a URL or option that is not accepted
 */
export function fromUrl(url: string, options: Readonly<Record<string, string>> = {}): MysqlStore {
  const [base = '', query, more] = url.split(/[?#]/, 3);
  if (url.includes('#') || more !== undefined)
    throw invalid('a "#" or a second "?" in it is percent-encoded');
  const given = [...new URLSearchParams(query ?? ''), ...Object.entries(options)];
  const own = given.filter(([name]) => name !== 'ssl');
  const ssl = given.filter(([name]) => name === 'ssl').map(([, value]) => value);
  if (ssl.length > 1) throw invalid('the option "ssl" is given twice');
  if (ssl[0] !== undefined && ssl[0] !== 'true')
    throw invalid('the option "ssl" must be "true", or be left out');
  try {
    const connection = { ...connectionOf(base, 'the URL'), ...(ssl[0] === 'true' ? { ssl: {} } : {}) };
    return mysqlStore({ ...optionsOf(own), connection });
  } catch (error) {
    if (error instanceof TypeError) throw new OutboxError('CONFIG_INVALID', error.message, { cause: error });
    throw error;
  }
}

function optionsOf(
  given: readonly (readonly [name: string, value: string])[],
): Record<string, string | number> {
  const options: Record<string, string | number> = {};
  for (const [name, value] of given) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw invalid(
        `it has no option ${JSON.stringify(name)}, only ${[...Object.keys(OPTIONS), 'ssl'].join(', ')}`,
      );
    }
    if (Object.hasOwn(options, name)) throw invalid(`the option "${name}" is given twice`);
    const isNumber = OPTIONS[name as keyof typeof OPTIONS] === 'number';
    if (isNumber && !/^\d{1,15}$/.test(value)) throw invalid(`the option "${name}" must be a whole number`);
    options[name] = isNumber ? Number(value) : value;
  }
  return options;
}

function invalid(reason: string): OutboxError {
  return new OutboxError('CONFIG_INVALID', `The MySQL store cannot be created by URL: ${reason}.`);
}
