import { isOutboxError, OutboxError } from '@outrelay/core';
import { Cancellation } from './cancellation.ts';
import type { Command, Reply } from './client.ts';
import type { Connection } from './connection.ts';
import { causeText, readRefusal, unavailable } from './errors.ts';
import { isReply, type Redirect, readRedirect } from './outcome.ts';
import type { Servers } from './servers.ts';

/** Time limits of a {@link Link}, in milliseconds. */
export interface LinkTimes {
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
}

/** The error for a group that does not exist, or a stream that lost its groups with its life. */
export class GroupMissing extends Error {}

/** What Redis says of a group that does not exist, and of a stream that was deleted while a read was blocked on it. */
const GONE = /NOGROUP|requires the key to exist|^UNBLOCKED the stream key/;

/** How often commands are sent elsewhere before they are given up. */
const MAX_DETOURS = 5;
const ASKING: Command = { name: 'ASKING', args: [] };

/** A connection that sends commands and answers with their replies, or throws an `OutboxError` that says why not. */
export class Link {
  readonly #servers: Servers;
  readonly #times: LinkTimes;

  constructor(servers: Servers, times: LinkTimes) {
    this.#servers = servers;
    this.#times = times;
  }

  /**
   * Sends commands that concern one stream in one piece, to the server that has it. Texts come back as `Buffer`.
   *
   * A node that does not have the stream (any more) has carried nothing out: the commands go where it says.
   *
   * @param extraMs - how much longer than usual the server may take, because a command blocks
   * @throws GroupMissing, or `OutboxError` for the first command that failed
   */
  async send(stream: string, commands: readonly Command[], extraMs = 0): Promise<readonly unknown[]> {
    const cancellation = new Cancellation(new AbortController().signal);
    let once: Redirect | null = null;
    for (let detours = 0; ; detours++) {
      const connection = await this.#servers.locate(stream, once, cancellation);
      const replies = await this.#exchange(connection, commands, once !== null, extraMs);
      if (isOutboxError(replies)) {
        if (detours === MAX_DETOURS || !(await this.#servers.hasMoved(stream, connection))) throw replies;
        once = null;
        continue;
      }
      const failed = replies.find(([error]) => error !== null)?.[0] ?? null;
      if (failed === null) return replies.map(([, value]) => value);
      const redirect = isReply(failed) ? readRedirect(failed.message) : null;
      const followed = redirect !== null && this.#servers.follow(stream, redirect);
      if (!followed || detours === MAX_DETOURS) throw failure(failed, connection);
      once = redirect.once ? redirect : null;
    }
  }

  close(): Promise<void> {
    return this.#servers.close();
  }

  /** The replies, or why nothing was sent; throws where the commands may have been carried out. */
  async #exchange(
    connection: Connection,
    commands: readonly Command[],
    asking: boolean,
    extraMs: number,
  ): Promise<readonly Reply[] | OutboxError> {
    const { connectTimeoutMs, commandTimeoutMs } = this.#times;
    try {
      await connection.ready(connectTimeoutMs, new Cancellation(new AbortController().signal));
    } catch (error) {
      if (isOutboxError(error)) return error;
      throw error;
    }
    const sent = asking ? commands.flatMap((command) => [ASKING, command]) : commands;
    const timeoutMs = commandTimeoutMs + extraMs;
    const replies = await connection.exchange(sent, timeoutMs, undefined, 'bytes');
    if (replies === 'unsent') return unavailable(connection.name, 'the connection was lost');
    if (typeof replies === 'string') throw unavailable(connection.name, `no answer within ${timeoutMs} ms`);
    return asking ? replies.filter((_, at) => at % 2 === 1) : replies;
  }
}

/** What the error of a command means. */
function failure(error: Error, connection: Connection): Error {
  if (!isReply(error)) return unavailable(connection.name, error);
  const said = causeText(error);
  if (GONE.test(said)) return new GroupMissing(said);
  const refusal = readRefusal(said, connection.name);
  // The address may lead to a better server by now: to the primary after a failover.
  if (refusal?.scope === 'server') connection.renew();
  return (
    refusal?.error ??
    new OutboxError('TRANSPORT_FAILED', `${connection.name} answered ${JSON.stringify(said)}`)
  );
}
