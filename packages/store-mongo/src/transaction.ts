import { describe, OutboxError } from '@outrelay/core';
import { clientOf, isClient, isSession, type MongoSession } from './client.ts';
import type { Installation, Installations } from './installation.ts';

const EXPECTED = 'a ClientSession of mongodb or mongoose with an open transaction';

/** Where a caller's write goes: into the transaction of a session, or (`null`) into one of the store's own. */
export interface CallerPlace {
  readonly session: MongoSession | null;
  readonly installation: Installation;
}

/** Takes the handles that callers bring. */
export class CallerSessions {
  readonly #installations: Installations;

  constructor(installations: Installations) {
    this.#installations = installations;
  }

  /**
   * Takes a session on which a transaction is open, or, with `autocommit`, also a client or a session without one.
   *
   * Looks only at what the driver knows: whether the server has ended the transaction meanwhile, it says itself.
   */
  async take(value: unknown, autocommit: boolean): Promise<CallerPlace> {
    if (isSession(value) && value.inTransaction()) {
      const client = clientOf(value) ?? undefined;
      return { session: value, installation: await this.#installations.get(client) };
    }
    if (!autocommit) throw isSession(value) ? noTransaction(value) : notASession(value);
    if (!isSession(value) && !isClient(value) && value !== undefined) throw notASession(value);
    return { session: null, installation: await this.#installations.get() };
  }
}

function notASession(value: unknown): OutboxError {
  const got = `Expected ${EXPECTED}; got ${describe(value)}.`;
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (!isObject || isClient(value))
    return new OutboxError(
      'TRANSACTION_REQUIRED',
      `${got} Pass the session of client.withSession or client.startSession.`,
    );
  return new OutboxError('TRANSACTION_FOREIGN', got);
}

function noTransaction(session: MongoSession): OutboxError {
  if (session.hasEnded)
    return new OutboxError('TRANSACTION_CLOSED', `Expected ${EXPECTED}; this session has been ended.`);
  return new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected ${EXPECTED}; on this one none is open. Call append inside session.withTransaction(…), or between startTransaction and commitTransaction.`,
  );
}
