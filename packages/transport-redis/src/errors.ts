import { errorText, OutboxError, type OutboxErrorCode } from '@outrelay/core';

/**
 * Whom a refusal concerns. In every case Redis has said that it did not store what it refused.
 *
 * - `message`: this message alone, for good.
 * - `stream`: every message for this stream (or any write at all) for now, as only a write finds out.
 * - `server`: the server serves nobody for now, or not this user. `check` sees most of these without a message.
 * - `broker`: all servers of the cluster together.
 */
export type Scope = 'message' | 'stream' | 'server' | 'broker';

/** An error that Redis answered with, classified. */
export interface Refusal {
  readonly scope: Scope;
  readonly error: OutboxError;
}

interface Rule {
  readonly pattern: RegExp;
  readonly scope: Scope;
  /** What to do about it. */
  readonly remedy: string;
}

/** Redis' errors by their texts, which begin with a code; the first rule that fits counts. */
const RULES: readonly Rule[] = [
  {
    pattern: /^ERR Protocol error: invalid bulk length/,
    scope: 'message',
    remedy: 'the message exceeds proto-max-bulk-len of the server: raise that, or lower "maxPayloadBytes"',
  },
  { pattern: /^ERR Elements are too large/, scope: 'message', remedy: 'an entry is at most 1 GiB' },
  {
    pattern: /^READONLY /,
    scope: 'server',
    remedy: 'it is a replica: give the address of the primary, or let Sentinel name it',
  },
  { pattern: /^UNBLOCKED /, scope: 'server', remedy: 'it became a replica: wait for the new primary' },
  { pattern: /^LOADING /, scope: 'server', remedy: 'wait until the server has loaded its data' },
  { pattern: /^MASTERDOWN /, scope: 'server', remedy: 'it is a replica without its primary' },
  { pattern: /^BUSY /, scope: 'server', remedy: 'a script of somebody else runs for too long' },
  { pattern: /^MISCONF /, scope: 'server', remedy: 'the server cannot save to disk: see its log' },
  {
    pattern: /^(?:NOAUTH|WRONGPASS) |^ERR (?:invalid password|Protocol error: unauthenticated)/,
    scope: 'server',
    remedy: 'correct the user name and password',
  },
  {
    pattern: /^NOPERM .*run the|^ERR The user executing the script can't run/,
    scope: 'server',
    remedy: 'grant the user EVAL, XADD and PING (and WAIT or WAITAOF where they are asked for)',
  },
  { pattern: /^ERR max number of clients/, scope: 'server', remedy: 'raise maxclients of the server' },
  { pattern: /^ERR unknown command/, scope: 'server', remedy: 'the server must offer EVAL and XADD' },
  { pattern: /^CLUSTERDOWN (?!Hash slot)/, scope: 'broker', remedy: 'wait until the cluster is whole again' },
  { pattern: /^CLUSTERDOWN Hash slot/, scope: 'stream', remedy: 'no node serves the slot of this stream' },
  {
    pattern: /^WRONGTYPE /,
    scope: 'stream',
    remedy: 'the key of that name is not a stream: choose another stream with "stream" or "prefix"',
  },
  { pattern: /^OOM /, scope: 'stream', remedy: 'the server has reached maxmemory: trim streams or raise it' },
  {
    pattern: /^NOREPLICAS /,
    scope: 'stream',
    remedy: 'fewer replicas than min-replicas-to-write are in step',
  },
  {
    pattern: /^NOPERM |^ERR The user executing the script can't access/,
    scope: 'stream',
    remedy: 'grant the user this stream',
  },
  {
    pattern: /^ERR The stream has exhausted the last possible ID/,
    scope: 'stream',
    remedy: 'some entry of it was added under a made-up id: use another stream',
  },
  { pattern: /^TRYAGAIN /, scope: 'stream', remedy: 'the slot of this stream is on the move' },
  { pattern: /^(?:MOVED|ASK) /, scope: 'stream', remedy: 'give the nodes in the option "cluster"' },
];

const CODES: Readonly<Record<Scope, OutboxErrorCode>> = {
  message: 'TRANSPORT_REJECTED',
  stream: 'TRANSPORT_FAILED',
  server: 'TRANSPORT_UNAVAILABLE',
  broker: 'TRANSPORT_UNAVAILABLE',
};

/**
 * The meaning of an error that Redis answered to a command, or `null` when its text does not prove that nothing was
 * stored: a proxy between may have lost an answer, and a script that fails by itself may have stored a part.
 *
 * @param server - names the server in the error text
 */
export function readRefusal(text: string, server: string): Refusal | null {
  const rule = RULES.find(({ pattern }) => pattern.test(text));
  if (rule === undefined || /user_script/.test(text)) return null;
  const said = `${server} answered ${JSON.stringify(safeText(text))} (${rule.remedy})`;
  return { scope: rule.scope, error: new OutboxError(CODES[rule.scope], said) };
}

/** The meaning of an error that one XADD gave to the script around it: that entry was not stored, whatever it was. */
export function readScriptRefusal(text: string, server: string): Refusal {
  const bare = bareText(text);
  const said = `${server} answered ${JSON.stringify(safeText(bare))}`;
  return readRefusal(bare, server) ?? { scope: 'stream', error: new OutboxError('TRANSPORT_FAILED', said) };
}

/** Before version 7, Redis put the place in the script and a minus in front of some errors. */
function bareText(text: string): string {
  return text.replace(/^@?user_script: ?\d+: /, '').replace(/^-/, '');
}

/** Redis repeats the arguments of a command it does not know, and they are the message. */
function safeText(text: string): string {
  return text.replace(/,? with args beginning with:.*$/s, '').trim();
}

/** The error for a server that no connection can be had to, or that does not serve. */
export function unavailable(server: string, cause: unknown): OutboxError {
  return new OutboxError('TRANSPORT_UNAVAILABLE', `${server} cannot be reached: ${causeText(cause)}`);
}

/** The error for messages that may have been stored. */
export function unanswered(server: string, cause: unknown): OutboxError {
  const text = `${server} gave no answer to messages that were sent: ${causeText(cause)}`;
  return new OutboxError('TRANSPORT_OUTCOME_UNKNOWN', text);
}

/** The error for messages that one server has, and those that were asked for besides have not. */
export function unproven(server: string, missing: string): OutboxError {
  const text = `${server} has the messages, but not as safe as was asked for: ${missing}`;
  return new OutboxError('TRANSPORT_OUTCOME_UNKNOWN', text);
}

/** The error for messages of one shard of a cluster that the shard cannot take; other shards go on. */
export function shardFailed(error: OutboxError): OutboxError {
  return error.code === 'TRANSPORT_UNAVAILABLE' ? new OutboxError('TRANSPORT_FAILED', error.message) : error;
}

/**
 * The text of an error of the client. The error itself never becomes a cause: ioredis hangs the command on it, whose
 * arguments are payloads and passwords.
 */
export function causeText(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') {
    // Node reports the attempts on several addresses of one name as an aggregate without a text of its own.
    return cause.errors.map(errorText).join('; ');
  }
  if (cause instanceof Error && cause.name === 'MaxRetriesPerRequestError') return 'the connection was lost';
  return safeText(errorText(cause));
}
