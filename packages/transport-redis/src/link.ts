import { OutboxError } from '@outrelay/core';
import { Cancellation } from './cancellation.ts';
import type { Command } from './client.ts';
import { causeText, readRefusal, unavailable } from './errors.ts';
import { isReply } from './outcome.ts';
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

/** A connection that sends commands and answers with their replies, or throws an `OutboxError` that says why not. */
export class Link {
  readonly #servers: Servers;
  readonly #times: LinkTimes;

  constructor(servers: Servers, times: LinkTimes) {
    this.#servers = servers;
    this.#times = times;
  }

  /**
   * Sends commands in one piece. Texts come back as `Buffer`.
   *
   * @param extraMs - how much longer than usual the server may take, because a command blocks
   * @throws GroupMissing, or `OutboxError` for the first command that failed
   */
  async send(commands: readonly Command[], extraMs = 0): Promise<readonly unknown[]> {
    const { connectTimeoutMs, commandTimeoutMs } = this.#times;
    const cancellation = new Cancellation(new AbortController().signal);
    const connection = await this.#servers.representative(cancellation);
    await connection.ready(connectTimeoutMs, cancellation);
    const timeoutMs = commandTimeoutMs + extraMs;
    const replies = await connection.exchange(commands, timeoutMs, undefined, 'bytes');
    if (replies === 'unsent') throw unavailable(connection.name, 'the connection was lost');
    if (typeof replies === 'string') throw unavailable(connection.name, `no answer within ${timeoutMs} ms`);
    for (const [error] of replies) {
      if (error === null) continue;
      const said = causeText(error);
      if (!isReply(error)) throw unavailable(connection.name, error);
      if (GONE.test(said)) throw new GroupMissing(said);
      const refusal = readRefusal(said, connection.name);
      // The address may lead to a better server by now: to the primary after a failover.
      if (refusal?.scope === 'server') connection.renew();
      throw (
        refusal?.error ??
        new OutboxError('TRANSPORT_FAILED', `${connection.name} answered ${JSON.stringify(said)}`)
      );
    }
    return replies.map(([, value]) => value);
  }

  close(): Promise<void> {
    return this.#servers.close();
  }
}
