import { errorText, isOutboxError, OutboxError, type OutboxErrorCode } from '@outrelay/core';

/** How a failure of SQLite is classified. */
interface ErrorClass {
  readonly code: OutboxErrorCode;
  /** Default: what the code says. */
  readonly retryable?: boolean;
  /** What to do, where the driver's own text does not make it plain. */
  readonly advice?: string;
}

/**
 * Primary result codes of SQLite (https://www.sqlite.org/rescode.html) and their class; what is not listed is
 * `STORE_FAILED`. Extended codes belong to their primary one.
 */
const CLASSES: Readonly<Record<number, readonly [name: string, error: ErrorClass]>> = {
  3: ['PERM', { code: 'STORE_ACCESS_DENIED' }],
  5: ['BUSY', { code: 'STORE_CONFLICT' }],
  6: ['LOCKED', { code: 'STORE_CONFLICT' }],
  7: ['NOMEM', { code: 'STORE_UNAVAILABLE' }],
  8: [
    'READONLY',
    { code: 'STORE_READ_ONLY', advice: 'The process needs write access to the file and its directory.' },
  ],
  9: ['INTERRUPT', { code: 'STORE_CONFLICT' }],
  10: ['IOERR', { code: 'STORE_UNAVAILABLE' }],
  11: [
    'CORRUPT',
    {
      code: 'STORE_FAILED',
      advice: 'Restore the file from a backup, or run ".recover" of the sqlite3 shell.',
    },
  ],
  13: ['FULL', { code: 'STORE_UNAVAILABLE', advice: 'Free some space on its disk.' }],
  14: ['CANTOPEN', { code: 'STORE_UNAVAILABLE', advice: 'Check the path and the rights on its directory.' }],
  15: ['PROTOCOL', { code: 'STORE_CONFLICT' }],
  17: ['SCHEMA', { code: 'STORE_CONFLICT' }],
  23: ['AUTH', { code: 'STORE_ACCESS_DENIED' }],
  26: [
    'NOTADB',
    { code: 'STORE_FAILED', advice: 'The option "file" must name a SQLite database without encryption.' },
  ],
};

const CANTOPEN = 14;
const NUMBERS = new Map(Object.entries(CLASSES).map(([number, [name]]) => [name, Number(number)]));

const MIGRATE =
  'Run `outrelay migrate apply`, or call `await store.schema.apply()` when the application starts.';

/** What the drivers put on their errors: better-sqlite3 a name in `code`, node:sqlite a number in `errcode`. */
interface DriverError {
  readonly code?: unknown;
  readonly errcode?: unknown;
  readonly message?: unknown;
}

/** The primary result code of an error of either driver; 0 when SQLite did not raise it. */
function resultCode(error: unknown): number {
  const { code, errcode } = (error ?? {}) as DriverError;
  if (typeof errcode === 'number') return errcode & 0xff;
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return 0;
  const [, primary] = code.split('_', 2);
  return primary === 'ERROR' ? 1 : (NUMBERS.get(primary ?? '') ?? -1);
}

/** Whether another connection holds a lock, so that the same statement may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  return CLASSES[resultCode(error)]?.[1].code === 'STORE_CONFLICT';
}

/**
 * Turns a failure of SQLite on one of the store's own connections into an `OutboxError`. What comes from elsewhere, a
 * `TypeError` for example, is handed on as it is.
 *
 * @param file - the path of the database, for the text
 */
export function storeFailure(error: unknown, file: string): unknown {
  if (isOutboxError(error)) return error;
  const schema = schemaFailure(error, file);
  if (schema !== null) return schema;
  const text = errorText(error);
  if (/database (connection )?is not open/i.test(text)) {
    return new OutboxError('STORE_CLOSED', `The connection to "${file}" was closed during the call.`, {
      cause: error,
    });
  }
  // better-sqlite3 looks for the directory itself and answers with a plain TypeError.
  const number = text.includes('directory does not exist') ? CANTOPEN : resultCode(error);
  if (number === 0) return error;
  const { code, retryable, advice } = CLASSES[number]?.[1] ?? { code: 'STORE_FAILED' };
  const then = advice === undefined ? '' : ` ${advice}`;
  return new OutboxError(code, `SQLite failed on "${file}": ${text}.${then}`, { cause: error, retryable });
}

/**
 * What to throw when a statement in the caller's own transaction failed: an `OutboxError` when the tables of the
 * outbox are not there or not as expected, and the driver's error untouched otherwise, since it is about the
 * transaction of the caller, who may know what to do.
 */
export function callerFailure(error: unknown, file: string): unknown {
  return schemaFailure(error, file) ?? error;
}

/** The error for tables that do not exist. */
export function schemaMissing(file: string, cause?: unknown): OutboxError {
  return new OutboxError('STORE_SCHEMA_MISSING', `The outbox tables do not exist in "${file}". ${MIGRATE}`, {
    cause,
  });
}

/** The error for a database file that does not exist, which only `schema.apply` may create. */
export function fileMissing(file: string): OutboxError {
  return new OutboxError(
    'STORE_SCHEMA_MISSING',
    `There is no database file "${file}". Correct the option "file", or create the file with the tables of the outbox. ${MIGRATE}`,
  );
}

/** The error for tables of a version that this package cannot work with. */
export function schemaOutdated(file: string, what: string, cause?: unknown): OutboxError {
  return new OutboxError('STORE_SCHEMA_OUTDATED', `The outbox tables in "${file}" do not fit: ${what}.`, {
    cause,
  });
}

function schemaFailure(error: unknown, file: string): OutboxError | null {
  if (resultCode(error) !== 1) return null;
  const text = String((error as DriverError).message);
  if (/no such table: (main\.)?(\w*(outbox_|outrelay_|inbox_receipts)|sqlite_sequence)/.test(text))
    return schemaMissing(file, error);
  if (/no such column|has no column named/.test(text)) {
    return schemaOutdated(file, `a column is missing. ${MIGRATE.slice(0, -1)}`, error);
  }
  return null;
}
