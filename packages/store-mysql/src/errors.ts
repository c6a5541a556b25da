import { errorText, isOutboxError, OutboxError, type OutboxErrorCode } from '@outrelay/core';

/** How a failure is classified. */
interface ErrorClass {
  readonly code: OutboxErrorCode;
  /** Default: what the code says. */
  readonly retryable?: boolean;
  /** What to do, where the server's own text does not make it plain. */
  readonly advice?: string;
}

const CONFLICT: ErrorClass = { code: 'STORE_CONFLICT' };
const UNAVAILABLE: ErrorClass = { code: 'STORE_UNAVAILABLE' };
const READ_ONLY: ErrorClass = { code: 'STORE_READ_ONLY' };
const DENIED: ErrorClass = { code: 'STORE_ACCESS_DENIED' };

/**
 * Error numbers of MySQL (https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html) and MariaDB
 * (https://mariadb.com/kb/en/mariadb-error-code-reference/), and their class; what is not listed is `STORE_FAILED`.
 */
const CLASSES: Readonly<Record<number, ErrorClass>> = {
  1020: CONFLICT, // ER_CHECKREAD: MariaDB, innodb_snapshot_isolation
  1021: UNAVAILABLE, // ER_DISK_FULL
  1040: UNAVAILABLE, // ER_CON_COUNT_ERROR
  1041: UNAVAILABLE, // ER_OUT_OF_RESOURCES
  1044: DENIED, // ER_DBACCESS_DENIED_ERROR
  1045: DENIED, // ER_ACCESS_DENIED_ERROR
  1053: UNAVAILABLE, // ER_SERVER_SHUTDOWN
  1077: UNAVAILABLE, // ER_NORMAL_SHUTDOWN
  1114: UNAVAILABLE, // ER_RECORD_FILE_FULL
  1130: DENIED, // ER_HOST_NOT_PRIVILEGED
  1142: DENIED, // ER_TABLEACCESS_DENIED_ERROR
  1143: DENIED, // ER_COLUMNACCESS_DENIED_ERROR
  1153: { code: 'STORE_FAILED', advice: 'Raise max_allowed_packet of the server.' }, // ER_NET_PACKET_TOO_LARGE
  1158: UNAVAILABLE, // ER_NET_READ_ERROR
  1159: UNAVAILABLE, // ER_NET_READ_INTERRUPTED
  1160: UNAVAILABLE, // ER_NET_ERROR_ON_WRITE
  1161: UNAVAILABLE, // ER_NET_WRITE_INTERRUPTED
  1203: UNAVAILABLE, // ER_TOO_MANY_USER_CONNECTIONS
  1205: CONFLICT, // ER_LOCK_WAIT_TIMEOUT
  1213: CONFLICT, // ER_LOCK_DEADLOCK
  1226: UNAVAILABLE, // ER_USER_LIMIT_REACHED
  1227: DENIED, // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1290: READ_ONLY, // ER_OPTION_PREVENTS_STATEMENT: --read-only, --super-read-only
  1317: CONFLICT, // ER_QUERY_INTERRUPTED
  1370: DENIED, // ER_PROCACCESS_DENIED_ERROR
  1412: CONFLICT, // ER_TABLE_DEF_CHANGED
  1613: CONFLICT, // ER_XA_RBTIMEOUT
  1614: CONFLICT, // ER_XA_RBDEADLOCK
  1665: {
    code: 'STORE_FAILED',
    advice: 'Set binlog_format to ROW: relays work at READ COMMITTED, which STATEMENT cannot replicate.',
  }, // ER_BINLOG_STMT_MODE_AND_ROW_ENGINE
  1792: READ_ONLY, // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836: READ_ONLY, // ER_READ_ONLY_MODE
  1927: UNAVAILABLE, // ER_CONNECTION_KILLED
  1969: CONFLICT, // ER_STATEMENT_TIMEOUT of MariaDB
  3024: CONFLICT, // ER_QUERY_TIMEOUT
  3032: UNAVAILABLE, // ER_SERVER_OFFLINE_MODE_USER
  3169: UNAVAILABLE, // ER_SESSION_WAS_KILLED
  3572: CONFLICT, // ER_LOCK_NOWAIT
  4031: UNAVAILABLE, // ER_CLIENT_INTERACTION_TIMEOUT
};

/** Error numbers that say that the connection is gone or of no more use. */
const LOST_CONNECTION: ReadonlySet<number> = new Set([
  1053, 1077, 1158, 1159, 1160, 1161, 1927, 3032, 3169, 4031,
]);

const NO_SUCH_TABLE = 1146;
const UNKNOWN_COLUMN = 1054;
const UNKNOWN_DATABASE = 1049;
const DUPLICATE = 1062;
/** ER_SP_DOES_NOT_EXIST. */
const NO_SAVEPOINT = 1305;
/** What the guard of an append on MariaDB ends in: a NULL where none may be, or what it was changed to. */
const GUARD_REFUSALS: ReadonlySet<number> = new Set([1048, 4025]);

const MIGRATE =
  'Run `outrelay migrate apply`, or call `await store.schema.apply()` when the application starts.';

/** What mysql2 puts on its errors; libraries on top of it may wrap them. */
interface DriverError {
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly fatal?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
}

/** The number of an error that the server sent; 0 for every other. System errors have a negative number. */
function errorNumber(error: unknown): number {
  const { errno, code, cause } = (error ?? {}) as DriverError;
  if (typeof errno === 'number' && errno > 0 && typeof code === 'string' && /^(ER_|\d)/.test(code))
    return errno;
  return cause === undefined || cause === error ? 0 : errorNumber(cause);
}

/** Whether the server gave the transaction up in favour of another one. */
export function isConflict(error: unknown): boolean {
  return CLASSES[errorNumber(error)]?.code === 'STORE_CONFLICT';
}

/** Whether the server does not take writes. */
export function isReadOnly(error: unknown): boolean {
  return CLASSES[errorNumber(error)]?.code === 'STORE_READ_ONLY';
}

/** Whether a row with the same value of a unique column is there. */
export function isDuplicate(error: unknown): boolean {
  return errorNumber(error) === DUPLICATE;
}

/** Whether the server knows no savepoint of this name. */
export function isSavepointMissing(error: unknown): boolean {
  return errorNumber(error) === NO_SAVEPOINT;
}

/** Whether the guard of an append found no open transaction. */
export function isGuardRefusal(error: unknown): boolean {
  return GUARD_REFUSALS.has(errorNumber(error));
}

/** Whether the connection is of no more use. */
export function isConnectionLoss(error: unknown): boolean {
  if (isOutboxError(error)) return false;
  const { fatal, syscall, code } = (error ?? {}) as DriverError;
  return (
    fatal === true ||
    typeof syscall === 'string' ||
    LOST_CONNECTION.has(errorNumber(error)) ||
    (typeof code === 'string' &&
      /^(PROTOCOL_|E[A-Z]+$|POOL_|HANDSHAKE_)/.test(code) &&
      !code.startsWith('ER_')) ||
    isClosedState(error)
  );
}

/** What mysql2 answers on a connection that has ended: an error without a code. */
function isClosedState(error: unknown): boolean {
  return /in closed state|connection is closed|pool is closed/i.test(errorText(error));
}

/**
 * Turns a failure on one of the store's own connections into an `OutboxError`. What comes from elsewhere, a `TypeError`
 * for example, is handed on as it is.
 *
 * @param database - the database of the outbox, for the text
 */
export function storeFailure(error: unknown, database: string): unknown {
  if (isOutboxError(error)) return error;
  const schema = schemaFailure(error, database);
  if (schema !== null) return schema;
  const number = errorNumber(error);
  const failure = CLASSES[number] ?? (isConnectionLoss(error) ? UNAVAILABLE : null);
  if (failure === null && number === 0) return error;
  const { code, retryable, advice } = failure ?? { code: 'STORE_FAILED' };
  const then = advice === undefined ? '' : ` ${advice}`;
  return new OutboxError(code, `The database "${database}" failed: ${errorText(error)}.${then}`, {
    cause: error,
    retryable,
  });
}

/**
 * What to throw when a statement in the caller's own transaction failed: an `OutboxError` when the tables of the
 * outbox are not there or not as expected, or the connection has ended, and the driver's error untouched otherwise:
 * it is about the transaction of the caller, who may know what to do.
 */
export function callerFailure(error: unknown, database: string): unknown {
  if (isOutboxError(error)) return error;
  if (isClosedState(error)) {
    return new OutboxError(
      'TRANSACTION_CLOSED',
      'The connection of the transaction has been closed. Append before that, and await the append.',
      { cause: error },
    );
  }
  return schemaFailure(error, database) ?? error;
}

/** The error for tables that do not exist. */
export function schemaMissing(database: string, cause?: unknown): OutboxError {
  return new OutboxError(
    'STORE_SCHEMA_MISSING',
    `The outbox tables do not exist in the database "${database}". ${MIGRATE}`,
    { cause },
  );
}

/** The error for tables of a version that this package cannot work with. */
export function schemaOutdated(database: string, what: string, cause?: unknown): OutboxError {
  return new OutboxError(
    'STORE_SCHEMA_OUTDATED',
    `The outbox tables in the database "${database}" do not fit: ${what}.`,
    { cause },
  );
}

function schemaFailure(error: unknown, database: string): OutboxError | null {
  const number = errorNumber(error);
  const isOurs = /outbox_|outrelay_|inbox_receipts/.test(errorText(error));
  if (number === NO_SUCH_TABLE && isOurs) return schemaMissing(database, error);
  if (number === UNKNOWN_COLUMN) {
    return schemaOutdated(database, `a column is missing. ${MIGRATE.slice(0, -1)}`, error);
  }
  if (number === UNKNOWN_DATABASE) {
    return new OutboxError(
      'STORE_SCHEMA_MISSING',
      `There is no database "${database}". Create it. ${MIGRATE}`,
      {
        cause: error,
      },
    );
  }
  return null;
}
