import type { WireDocument } from './wire-message.ts';

/** An error that a command answers with, by the code and labels that drivers act on. */
export class CommandFailure extends Error {
  readonly code: number;
  readonly codeName: string;
  readonly labels: readonly string[];

  constructor(code: number, codeName: string, message: string, labels: readonly string[] = []) {
    super(message);
    this.code = code;
    this.codeName = codeName;
    this.labels = labels;
  }

  get reply(): WireDocument {
    const { code, codeName, message: errmsg, labels } = this;
    return { ok: 0, errmsg, code, codeName, ...(labels.length === 0 ? {} : { errorLabels: [...labels] }) };
  }
}

/** The label by which a driver runs a whole transaction again. */
export const TRANSIENT = 'TransientTransactionError';
/** The code of a write that lost against another one. */
export const WRITE_CONFLICT = 112;
/** The code of a key that is there already. */
export const DUPLICATE_KEY = 11_000;

/** Serialisation failure, deadlock, and a lock that was not to be had at once. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '55P03']);
/** PostgreSQL is starting, stopping, out of connections, or has ended this one. */
const CONNECTION_STATES = /^(57P0\d|53300|08...)$/;

/** A failure of PostgreSQL or of its driver, as far as it says something. */
interface ServerError {
  readonly code?: string;
  readonly message?: string;
}

/** Whether two statements got into each other's way, so that one of them may be run again. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has((error as ServerError | null)?.code ?? '');
}

/** Whether the connection to PostgreSQL is lost or could not be made. */
function isConnectionLoss({ code, message }: ServerError): boolean {
  if (code === undefined) return /connection|timeout/i.test(message ?? '');
  return CONNECTION_STATES.test(code) || /^E[A-Z]+$/.test(code);
}

/** What MongoDB would answer where PostgreSQL failed. */
export function failureOf(error: unknown, inTransaction: boolean): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const cause = (error ?? {}) as ServerError;
  const message = cause.message ?? String(error);
  const labels = inTransaction ? [TRANSIENT] : [];
  if (isConflict(error)) return new CommandFailure(WRITE_CONFLICT, 'WriteConflict', message, labels);
  if (message.startsWith('Duplicate key violation'))
    return new CommandFailure(DUPLICATE_KEY, 'DuplicateKey', message);
  if (isConnectionLoss(cause)) return new CommandFailure(11_600, 'InterruptedAtShutdown', message, labels);
  return new CommandFailure(2, 'BadValue', message);
}
