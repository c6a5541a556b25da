import { errorText, isOutboxError, OutboxError, type OutboxErrorCode } from '@outrelay/core';

/**
 * Codes of the server (https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml) and their class.
 * What is not listed is `STORE_FAILED`.
 */
const CLASSES: Readonly<Record<number, OutboxErrorCode>> = {
  // HostUnreachable, HostNotFound, NetworkTimeout, ExceededTimeLimit, SocketException, MaxTimeMSExpired
  6: 'STORE_UNAVAILABLE',
  7: 'STORE_UNAVAILABLE',
  89: 'STORE_UNAVAILABLE',
  262: 'STORE_UNAVAILABLE',
  9001: 'STORE_UNAVAILABLE',
  50: 'STORE_UNAVAILABLE',
  // ShutdownInProgress, InterruptedAtShutdown, Interrupted, WriteConcernFailed, ReadConcernMajorityNotAvailableYet
  91: 'STORE_UNAVAILABLE',
  11_600: 'STORE_UNAVAILABLE',
  11_601: 'STORE_UNAVAILABLE',
  64: 'STORE_UNAVAILABLE',
  134: 'STORE_UNAVAILABLE',
  // PrimarySteppedDown, InterruptedDueToReplStateChange, NotWritablePrimary, NotPrimaryNoSecondaryOk,
  // NotPrimaryOrSecondary
  189: 'STORE_READ_ONLY',
  11_602: 'STORE_READ_ONLY',
  10_107: 'STORE_READ_ONLY',
  13_435: 'STORE_READ_ONLY',
  13_436: 'STORE_READ_ONLY',
  // WriteConflict, LockTimeout, LockBusy, NoSuchTransaction, SnapshotUnavailable, SnapshotTooOld, StaleConfig
  112: 'STORE_CONFLICT',
  24: 'STORE_CONFLICT',
  46: 'STORE_CONFLICT',
  251: 'STORE_CONFLICT',
  246: 'STORE_CONFLICT',
  239: 'STORE_CONFLICT',
  13_388: 'STORE_CONFLICT',
  // Unauthorized, AuthenticationFailed
  13: 'STORE_ACCESS_DENIED',
  18: 'STORE_ACCESS_DENIED',
  // NamespaceNotFound
  26: 'STORE_SCHEMA_MISSING',
};

/** Names of the driver's own errors that say the server was not reached, or not to the end. */
const NETWORK =
  /^Mongo(NetworkError|NetworkTimeoutError|ServerSelectionError|PoolClearedError|PoolClearedOnNetworkError|TopologyClosedError|ServerClosedError|WaitQueueTimeoutError|NotConnectedError|ConnectionPoolClosedError|OperationTimeoutError|ExpiredSessionError|ClientClosedError|StalePrimaryError|UnexpectedServerResponseError)$/;

/** Codes of errors of a socket, which the driver hands on as they are when they come while it writes. */
const SOCKET =
  /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ERR_STREAM_DESTROYED|ERR_STREAM_WRITE_AFTER_END)$/;

const MIGRATE =
  'Run `outrelay migrate apply`, or call `await store.schema.apply()` when the application starts.';

/** What drivers put on their errors. */
interface DriverError {
  readonly name?: string;
  readonly code?: unknown;
  hasErrorLabel?(label: string): boolean;
}

/** Whether the server or driver marked the error with a label. */
export function hasLabel(error: unknown, label: string): boolean {
  const labelled = (error ?? {}) as DriverError;
  return typeof labelled.hasErrorLabel === 'function' && labelled.hasErrorLabel(label);
}

/** Whether the same transaction may succeed when it is run again from its start. */
export function isTransient(error: unknown): boolean {
  return hasLabel(error, 'TransientTransactionError');
}

/** The code of the server; `undefined` for an error that is not from there. */
export function codeOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as DriverError;
  return typeof code === 'number' ? code : undefined;
}

/** Whether the error is one of the driver's classes; what it has not made itself means that it did not expect it. */
export function isOfDriver(error: unknown): boolean {
  const { name } = (error ?? {}) as DriverError;
  return name?.startsWith('Mongo') === true;
}

/** Whether another writer was in the way outside of a transaction. */
export function isWriteConflict(error: unknown): boolean {
  return codeOf(error) === 112;
}

/** Whether a document with this key is there already. */
export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === 11_000;
}

/**
 * Turns a failure of one of the store's own commands into an `OutboxError`. What comes from elsewhere, a `TypeError`
 * for example, is handed on as it is.
 *
 * @param place - what the store works on, for the text
 */
export function storeFailure(error: unknown, place: string): unknown {
  if (isOutboxError(error)) return error;
  const code = isOfNetwork(error) ? 'STORE_UNAVAILABLE' : (CLASSES[codeOf(error) ?? 0] ?? codeByLabel(error));
  if (code === 'STORE_SCHEMA_MISSING') return schemaMissing(place, error);
  if (code === undefined && !isOfDriver(error)) return error;
  return new OutboxError(code ?? 'STORE_FAILED', `MongoDB failed on ${place}: ${errorText(error)}.`, {
    cause: error,
  });
}

function isOfNetwork(error: unknown): boolean {
  const { name, code } = (error ?? {}) as DriverError;
  return NETWORK.test(name ?? '') || (typeof code === 'string' && SOCKET.test(code));
}

function codeByLabel(error: unknown): OutboxErrorCode | undefined {
  if (isTransient(error)) return 'STORE_CONFLICT';
  const again = hasLabel(error, 'RetryableWriteError') || hasLabel(error, 'UnknownTransactionCommitResult');
  return again ? 'STORE_UNAVAILABLE' : undefined;
}

/** The error for collections that do not exist. */
export function schemaMissing(place: string, cause?: unknown): OutboxError {
  return new OutboxError(
    'STORE_SCHEMA_MISSING',
    `The outbox collections do not exist in ${place}. ${MIGRATE}`,
    { cause },
  );
}

/** The error for collections of a version that this package cannot work with. */
export function schemaOutdated(place: string, what: string): OutboxError {
  return new OutboxError('STORE_SCHEMA_OUTDATED', `The outbox collections in ${place} do not fit: ${what}.`);
}

/** The error for a server that has no transactions. */
export function standaloneServer(place: string): OutboxError {
  return new OutboxError(
    'NOT_SUPPORTED',
    `The MongoDB server of ${place} is a standalone one, which has no transactions, so no message could be written together with the business data. Run it as a replica set; one member is enough (mongod --replSet rs0, then rs.initiate()).`,
  );
}
