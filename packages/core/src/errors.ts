/** A stable name for one kind of failure; part of the public API. */
export type OutboxErrorCode =
  | 'MESSAGE_INVALID'
  | 'MESSAGE_TOO_LARGE'
  | 'MESSAGE_REJECTED'
  | 'SCHEMA_REJECTED'
  | 'SIGNATURE_INVALID'
  | 'TRANSACTION_REQUIRED'
  | 'TRANSACTION_CLOSED'
  | 'TRANSACTION_FOREIGN'
  | 'STORE_UNAVAILABLE'
  | 'STORE_CONFLICT'
  | 'STORE_READ_ONLY'
  | 'STORE_ACCESS_DENIED'
  | 'STORE_SCHEMA_MISSING'
  | 'STORE_SCHEMA_OUTDATED'
  | 'STORE_FAILED'
  | 'STORE_CLOSED'
  | 'LOG_IN_USE'
  | 'LOG_MISSING'
  | 'LOG_LOST'
  | 'TRANSPORT_UNAVAILABLE'
  | 'TRANSPORT_REJECTED'
  | 'TRANSPORT_FAILED'
  | 'TRANSPORT_OUTCOME_UNKNOWN'
  | 'TRANSPORT_CLOSED'
  | 'LEASE_LOST'
  | 'ADAPTER_CONTRACT'
  | 'CONFIG_INVALID'
  | 'RELAY_STATE'
  | 'NOT_SUPPORTED';

/** What is said of an error code. */
export interface ErrorCodeEntry {
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

/** What each error code means and what to do about it; `docs/errors.md` is generated from it. */
export const ERROR_CODES: Readonly<Record<OutboxErrorCode, ErrorCodeEntry>> = {
  MESSAGE_INVALID: {
    retryable: false,
    meaning: 'A message cannot be stored as it is: its topic, key, headers, time or payload break a rule.',
    remedy: 'Correct the message; nothing was written. The error text names the field and the rule.',
  },
  MESSAGE_TOO_LARGE: {
    retryable: false,
    meaning: 'A message exceeds a limit of the outbox, the store or the transport.',
    remedy: 'Store the body elsewhere and send a reference, or raise the limit where it is yours to raise.',
  },
  MESSAGE_REJECTED: {
    retryable: false,
    meaning: 'A handler gave up a message for good by throwing this: further attempts would fail as well.',
    remedy: 'Look at the parked message, correct the cause, then redrive or discard it.',
  },
  SCHEMA_REJECTED: {
    retryable: false,
    meaning: 'The payload does not satisfy the schema that its topic declares.',
    remedy:
      'Correct the payload or the schema; nothing was written. The error text lists the issues by path.',
  },
  SIGNATURE_INVALID: {
    retryable: false,
    meaning:
      'A request is not signed, or not with a secret that the receiver knows, or at a time too far from its clock.',
    remedy:
      'Give sender and receiver the same secret and the right time, and answer 503 meanwhile: the sender tries again. A stranger gets the same answer.',
  },
  TRANSACTION_REQUIRED: {
    retryable: false,
    meaning: 'An append or receipt was given a handle on which no transaction is open.',
    remedy: 'Call it inside the transaction of the business write, or ask for autocommit by name.',
  },
  TRANSACTION_CLOSED: {
    retryable: false,
    meaning: 'The transaction of the handle has already been committed or rolled back.',
    remedy: 'Append before the commit, with the handle the transaction callback received.',
  },
  TRANSACTION_FOREIGN: {
    retryable: false,
    meaning: 'The handle belongs to another library or database than this store works with.',
    remedy: 'Pass a handle of the kind the store documents, opened on the database that holds the outbox.',
  },
  STORE_UNAVAILABLE: {
    retryable: true,
    meaning: 'The database cannot be reached, is starting or stopping, or refuses connections for now.',
    remedy:
      'Nothing to do for a short outage: the relay keeps trying. Otherwise check address and credentials.',
  },
  STORE_CONFLICT: {
    retryable: true,
    meaning: 'The database gave up a transaction in favour of another: deadlock, serialisation, busy lock.',
    remedy: 'Run the whole business transaction again.',
  },
  STORE_READ_ONLY: {
    retryable: true,
    meaning: 'The database answers but accepts no writes: a replica, or a server in read-only mode.',
    remedy: 'Point the store at the primary; after a failover the relay finds it by itself.',
  },
  STORE_ACCESS_DENIED: {
    retryable: false,
    meaning: 'The database refused the credentials, or the role lacks a right.',
    remedy: 'Correct the credentials, or grant what the operating guide lists.',
  },
  STORE_SCHEMA_MISSING: {
    retryable: false,
    meaning: 'The outbox tables do not exist where the store looks for them.',
    remedy: 'Run `outrelay migrate apply`, or correct the schema, prefix or file that the store is given.',
  },
  STORE_SCHEMA_OUTDATED: {
    retryable: false,
    meaning: 'The outbox tables are of a version that this package cannot work with.',
    remedy: 'Run `outrelay migrate plan` and `outrelay migrate apply`, or upgrade the package.',
  },
  STORE_FAILED: {
    retryable: false,
    meaning: 'The database answered with an error that has no more precise class here.',
    remedy: 'Read the cause. When the condition is temporary, please report it so that it gets its class.',
  },
  STORE_CLOSED: {
    retryable: false,
    meaning: 'The store was closed before the call.',
    remedy: 'Stop relays and inboxes before you close the store they use.',
  },
  LOG_IN_USE: {
    retryable: true,
    meaning: 'Another relay follows the log of the database; a log has one follower at a time.',
    remedy: 'Nothing to do: this relay stands by and follows as soon as the other one ends.',
  },
  LOG_MISSING: {
    retryable: false,
    meaning: 'What the database has to keep for a follower of its log (a slot, a publication) is not there.',
    remedy: 'Create it with `outrelay log create`. Meanwhile the relay polls, and nothing is lost.',
  },
  LOG_LOST: {
    retryable: false,
    meaning:
      'The database has given up the position in its log, because it was followed too late or by nobody.',
    remedy:
      'Run `outrelay log drop` and `outrelay log create`. Nothing is lost: the tables have every message.',
  },
  TRANSPORT_UNAVAILABLE: {
    retryable: true,
    meaning: 'The broker as a whole cannot be reached. No attempt is charged to any message.',
    remedy: 'Nothing to do for a short outage: the breaker probes until the broker is back.',
  },
  TRANSPORT_REJECTED: {
    retryable: false,
    meaning: 'The broker or endpoint refused one message for good.',
    remedy: 'Look at the dead letter, correct the cause, then redrive or discard it.',
  },
  TRANSPORT_FAILED: {
    retryable: true,
    meaning: 'The broker or endpoint did not take one message this time.',
    remedy: 'Nothing: the message is retried by the retry policy, then becomes a dead letter.',
  },
  TRANSPORT_OUTCOME_UNKNOWN: {
    retryable: true,
    meaning: 'No answer came for a message that may have been stored.',
    remedy: 'Nothing: it is sent again under the same id, and consumers absorb the duplicate.',
  },
  TRANSPORT_CLOSED: {
    retryable: false,
    meaning: 'The transport was closed before the call.',
    remedy: 'Stop the relay before you close the transports it uses.',
  },
  LEASE_LOST: {
    retryable: false,
    meaning: 'A relay tried to record an outcome after another relay had taken its lease.',
    remedy: 'Nothing: the new holder delivers the messages again. If it repeats, raise `leaseMs`.',
  },
  ADAPTER_CONTRACT: {
    retryable: false,
    meaning: 'A store or transport answered in a way its contract does not allow.',
    remedy: 'Report it to the author of the adapter; the error text cites the clause.',
  },
  CONFIG_INVALID: {
    retryable: false,
    meaning: 'An option, URL, environment variable or configuration file has a value that is not accepted.',
    remedy: 'Correct the value that the error text names.',
  },
  RELAY_STATE: {
    retryable: false,
    meaning: 'The call does not fit the state of the relay: started twice, or used after it was stopped.',
    remedy: 'Create one relay per lifetime: start it once, stop it once.',
  },
  NOT_SUPPORTED: {
    retryable: false,
    meaning: 'The adapter does not offer the facet or mode that the call needs.',
    remedy: 'Choose an adapter that offers it; the page of each adapter says what it can do.',
  },
};

const BRAND = Symbol.for('outrelay.error');

/** The options of an {@link OutboxError}. */
export interface OutboxErrorOptions {
  /** The error that led to this one. Default: none. */
  readonly cause?: unknown;
  /** Whether the same call may succeed later unchanged. Default: what the code says. */
  readonly retryable?: boolean | undefined;
}

/**
 * Every failure that Outrelay reports; misuse of an API is a plain `TypeError` instead.
 *
 * Recognise it with {@link isOutboxError}: `instanceof` fails as soon as two copies of the package are installed.
 */
export class OutboxError extends Error {
  override readonly name: string = 'OutboxError';
  readonly code: OutboxErrorCode;
  readonly retryable: boolean;

  constructor(code: OutboxErrorCode, message: string, options: OutboxErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Tells whether a value is an {@link OutboxError}, of whichever copy of this package. */
export function isOutboxError(value: unknown): value is OutboxError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** Tells whether the same call may succeed later without anybody changing anything. */
export function isRetryable(value: unknown): boolean {
  return (value as { retryable?: unknown } | null | undefined)?.retryable === true;
}

/**
 * The text of whatever was thrown, for records and events; never throws itself.
 *
 * A collection of errors without a text of its own, as Node.js throws for a host name with several addresses, gives
 * the texts it holds.
 */
export function errorText(value: unknown): string {
  try {
    const { errors } = Object(value) as { errors?: unknown };
    if (ownText(value) === null && Array.isArray(errors) && errors.length > 0) {
      return errors.map(shortText).join('; ');
    }
    return shortText(value);
  } catch {
    return 'something without a text was thrown';
  }
}

function shortText(value: unknown): string {
  if (value === '') return 'an empty text was thrown';
  const text = ownText(value);
  if (text !== null) return text;
  if (!(value instanceof Error)) return String(value);
  return typeof value.name === 'string' && value.name !== '' ? value.name : 'Error';
}

function ownText(value: unknown): string | null {
  const { message } = Object(value) as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : null;
}
