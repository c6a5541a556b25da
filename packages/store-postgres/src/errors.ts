import { errorText, isOutboxError, OutboxError, type OutboxErrorCode } from '@outrelay/core';

/** How a failure of PostgreSQL is classified. */
interface ErrorClass {
  readonly code: OutboxErrorCode;
  /** Default: what the code says. */
  readonly retryable?: boolean;
  /** What to do, where the server's own text does not make it plain. */
  readonly advice?: string;
}

const UNAVAILABLE: ErrorClass = { code: 'STORE_UNAVAILABLE' };
const CONFLICT: ErrorClass = { code: 'STORE_CONFLICT' };
const MIGRATE =
  'Run `outrelay migrate apply`, or call `await store.schema.apply()` when the application starts.';

/**
 * SQLSTATEs and classes of them (https://www.postgresql.org/docs/current/errcodes-appendix.html); the longest match
 * decides, and what is not listed is `STORE_FAILED`.
 */
const STATES: Readonly<Record<string, ErrorClass>> = {
  '08': UNAVAILABLE,
  '0A000': { code: 'STORE_FAILED' },
  '25006': {
    code: 'STORE_READ_ONLY',
    advice: 'The store must reach the primary; after a failover the relay finds it by itself.',
  },
  '25P02': CONFLICT,
  '25P03': CONFLICT,
  '25P04': CONFLICT,
  '28': { code: 'STORE_ACCESS_DENIED', advice: 'Check user, password and pg_hba.conf.' },
  '3D000': { code: 'STORE_ACCESS_DENIED', advice: 'Create the database, or correct its name in the URL.' },
  '3F000': { code: 'STORE_SCHEMA_MISSING', advice: MIGRATE },
  '40': CONFLICT,
  '42501': {
    code: 'STORE_ACCESS_DENIED',
    advice: 'Grant the role what the README lists under "Rights".',
  },
  '42703': { code: 'STORE_SCHEMA_OUTDATED', advice: MIGRATE },
  '42P01': { code: 'STORE_SCHEMA_MISSING', advice: MIGRATE },
  '53': UNAVAILABLE,
  '53100': { code: 'STORE_UNAVAILABLE', advice: 'Free some space on the disk of the server.' },
  '53300': {
    code: 'STORE_UNAVAILABLE',
    advice: 'Raise max_connections, make pools smaller, or put a pooler in front.',
  },
  // A database that accepts no connections, for example because it is being dropped or copied.
  '55000': UNAVAILABLE,
  '55P03': CONFLICT,
  '57014': CONFLICT,
  '57P': UNAVAILABLE,
  '58': UNAVAILABLE,
  '72000': CONFLICT,
  XX000: { code: 'STORE_FAILED' },
};

/** Errors of the network that Node.js names, https://nodejs.org/api/errors.html#common-system-errors and of its DNS. */
const NETWORK =
  /^(?:ECONN(?:REFUSED|RESET|ABORTED)|ETIMEDOUT|EPIPE|EHOST(?:UNREACH|DOWN)|ENET(?:UNREACH|DOWN|RESET)|ENOTFOUND|EAI_AGAIN|ENOENT|EADDRNOTAVAIL|EMFILE)$/;

/** Texts of `pg` and its pool, which have no code. */
const DRIVER: readonly (readonly [pattern: RegExp, error: ErrorClass])[] = [
  [/after calling end on the pool/i, { code: 'STORE_CLOSED' }],
  [
    /timeout exceeded when trying to connect|Timeout acquiring a connection/i,
    {
      code: 'STORE_UNAVAILABLE',
      advice: 'All connections of the pool are taken, or the server is slow to answer.',
    },
  ],
  [
    /connection terminated|connection ended|not queryable|terminating connection|Query read timeout/i,
    UNAVAILABLE,
  ],
  [/the server does not support SSL|password must be a string|SASL/i, { code: 'STORE_ACCESS_DENIED' }],
];

/** The SQLSTATE of an error of any library, wherever it has put the error of the driver; `null` when there is none. */
export function sqlState(error: unknown): string | null {
  let cause = error;
  for (let depth = 0; depth < 8 && typeof cause === 'object' && cause !== null; depth++) {
    const { code, cause: next } = cause as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && /^[0-9][0-9A-Z]{4}$|^(?:F0|HV|P0|XX)[0-9A-Z]{3}$/.test(code)) return code;
    cause = next;
  }
  return null;
}

function classify(error: unknown): ErrorClass | null {
  if (typeof error !== 'object' || error === null) return null;
  const state = sqlState(error);
  if (state !== null) {
    return (
      STATES[state] ?? STATES[state.slice(0, 3)] ?? STATES[state.slice(0, 2)] ?? { code: 'STORE_FAILED' }
    );
  }
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  if (typeof code === 'string' && NETWORK.test(code)) return UNAVAILABLE;
  if (Array.isArray(errors) && errors.length > 0) return classify(errors[0]);
  const message = errorText(error);
  return DRIVER.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}

/**
 * Turns a failure on one of the store's own connections into an `OutboxError`. What comes from elsewhere, a `TypeError`
 * for example, is handed on as it is.
 */
export function storeFailure(error: unknown): unknown {
  if (isOutboxError(error)) return error;
  const known = classify(error);
  if (known === null) return error;
  const { code, retryable, advice } = known;
  const then = advice === undefined ? '' : ` ${advice}`;
  return new OutboxError(code, `PostgreSQL failed: ${sentence(errorText(error))}${then}`, {
    cause: error,
    retryable,
  });
}

/**
 * What to throw when a statement in the caller's own transaction failed: an `OutboxError` when the tables of the outbox
 * are not there or not as expected, or the transaction cannot be used, and the driver's error untouched otherwise, since
 * it is about the transaction of the caller, who may know what to do.
 */
export function callerFailure(error: unknown, kind: string): unknown {
  const state = sqlState(error);
  if (state === '42P01' || state === '3F000' || state === '42703') return storeFailure(error);
  if (state === '25P02') {
    return new OutboxError(
      'TRANSACTION_CLOSED',
      `The transaction of ${kind} has failed before and can only be rolled back; nothing was appended.`,
      { cause: error },
    );
  }
  if (
    state === null &&
    /was closed|not queryable|Transaction query already complete/i.test(errorText(error))
  ) {
    return new OutboxError(
      'TRANSACTION_CLOSED',
      `The connection or transaction of ${kind} has ended: ${sentence(errorText(error))} Nothing was appended.`,
      { cause: error },
    );
  }
  return error;
}

/** Whether a connection must not be used again after this error. */
export function breaksConnection(error: unknown): boolean {
  const known = classify(error);
  // What answers "read-only" was the primary once: a pool must not keep it.
  return known === null || known.code === 'STORE_UNAVAILABLE' || known.code === 'STORE_READ_ONLY';
}

/** The error for tables that do not exist. */
export function schemaMissing(schema: string): OutboxError {
  return new OutboxError(
    'STORE_SCHEMA_MISSING',
    `The outbox tables do not exist in the schema "${schema}". ${MIGRATE}`,
  );
}

/** The error for tables of a version that this package cannot work with. */
export function schemaOutdated(schema: string, what: string): OutboxError {
  return new OutboxError(
    'STORE_SCHEMA_OUTDATED',
    `The outbox tables in the schema "${schema}" do not fit: ${what}.`,
  );
}

function sentence(value: string): string {
  return /[.!?]$/.test(value) ? value : `${value}.`;
}
