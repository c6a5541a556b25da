import type { OutboxError } from '@outrelay/core';
import { aboveBulkLimit, askBulkLimit, SAFE_VALUE_BYTES } from './bulk-limit.ts';
import type { Cancellation } from './cancellation.ts';
import type { Command, Reply } from './client.ts';
import type { Connection } from './connection.ts';
import type { Entry } from './entry.ts';
import { shardFailed, unanswered, unavailable, unproven } from './errors.ts';
import type { Line } from './line.ts';
import type { RedisSettings } from './options.ts';
import { isProtocolError, type Outcome, readOutcomes } from './outcome.ts';
import { prove } from './proof.ts';
import type { CommandWriter } from './script.ts';
import type { Group, Servers } from './servers.ts';

/** A chunk on its way, and the line it was taken from. */
interface Parcel {
  readonly line: Line;
  readonly chunk: readonly Entry[];
}

const ASKING: Command = { name: 'ASKING', args: [] };
const NO_ANSWER: Reply = [new Error('no answer')];

/** What the rounds of one call of `publish` have in common. */
export class Call {
  /** Why the broker serves nobody, once that is known. */
  unavailable: OutboxError | null = null;
  readonly cancellation: Cancellation;
  readonly #servers: Servers;
  readonly #writer: CommandWriter;
  readonly #settings: RedisSettings;

  constructor(servers: Servers, writer: CommandWriter, settings: RedisSettings, cancellation: Cancellation) {
    this.#servers = servers;
    this.#writer = writer;
    this.#settings = settings;
    this.cancellation = cancellation;
  }

  get isOver(): boolean {
    return this.unavailable !== null || this.cancellation.isCancelled;
  }

  /** Finds the servers of the lines; none when the broker cannot be reached. */
  async place(lines: readonly Line[]): Promise<readonly Group[]> {
    try {
      return await this.#servers.place(lines, this.cancellation);
    } catch (error) {
      this.unavailable ??= error as OutboxError;
      return [];
    }
  }

  /** Sends one chunk of each line of a group, and tells the lines what became of it. */
  async round({ connection, asking, lines }: Group): Promise<void> {
    const taken = lines
      .map((line) => ({ line, chunk: line.take(this.#settings) }))
      .filter(({ chunk }) => chunk.length > 0);
    if (taken.length === 0 || !(await this.#reached(taken, connection))) return;
    const parcels = await this.#weighed(taken, connection);
    if (parcels.length === 0 || this.cancellation.isCancelled) return;
    const { commandTimeoutMs, proof } = this.#settings;
    const commands = parcels.flatMap(({ line, chunk }): Command[] => {
      const command = this.#writer.write(line.stream, chunk);
      return asking ? [ASKING, command] : [command];
    });
    if (proof !== null) commands.push(proof.command);
    const timeoutMs = commandTimeoutMs + (proof?.timeoutMs ?? 0);
    const replies = await connection.exchange(commands, timeoutMs, this.cancellation);
    if (replies === 'unsent') return this.#unsent(parcels, connection);
    if (typeof replies !== 'string') {
      const step = asking ? 2 : 1;
      const answers = parcels.map((_, at) => replies[at * step + step - 1] ?? NO_ANSWER);
      return this.#conclude(parcels, answers, replies.at(-1) ?? NO_ANSWER, connection);
    }
    const reason = replies === 'timeout' ? `none within ${timeoutMs} ms` : 'the call was aborted';
    for (const { line, chunk } of parcels) line.doubt(chunk, unanswered(connection.name, reason));
  }

  /** Has the connection ready to send; `false` when the parcels have been dealt with, or the call was cancelled. */
  async #reached(parcels: readonly Parcel[], connection: Connection): Promise<boolean> {
    const { connectTimeoutMs, commandTimeoutMs, proof } = this.#settings;
    try {
      if (!(await connection.ready(connectTimeoutMs, this.cancellation))) return false;
      await prove(connection, proof, commandTimeoutMs, this.cancellation);
      return !this.cancellation.isCancelled;
    } catch (error) {
      for (const { line, chunk } of parcels) {
        const moved = await this.#servers.hasMoved(line.stream, connection);
        if (!moved || !line.detour(chunk, null)) this.#unserved(line, chunk, error as OutboxError);
      }
      return false;
    }
  }

  /** Rejects what is too large for the server, and leaves the rest. */
  async #weighed(parcels: readonly Parcel[], connection: Connection): Promise<readonly Parcel[]> {
    const valueBytes = ({ chunk }: Parcel): number => Math.max(...chunk.map((entry) => entry.valueBytes));
    // Such a chunk is one entry: chunks of several are smaller.
    if (!parcels.some((parcel) => parcel.chunk.length === 1 && valueBytes(parcel) > SAFE_VALUE_BYTES))
      return parcels;
    const limit = await askBulkLimit(connection, this.#settings.commandTimeoutMs, this.cancellation);
    if (limit === null) return parcels;
    return parcels.filter((parcel) => {
      const bytes = valueBytes(parcel);
      if (bytes <= limit) return true;
      parcel.line.reject(parcel.chunk[0] as Entry, aboveBulkLimit(connection.name, bytes, limit));
      return false;
    });
  }

  /** The connection was lost at the last moment. */
  #unsent(parcels: readonly Parcel[], connection: Connection): void {
    for (const { line, chunk } of parcels) {
      if (!line.detour(chunk, null))
        this.#unserved(line, chunk, unavailable(connection.name, 'it is lost again and again'));
    }
  }

  #conclude(
    parcels: readonly Parcel[],
    answers: readonly Reply[],
    last: Reply,
    connection: Connection,
  ): void {
    const { proof } = this.#settings;
    if (answers.some(([error]) => isProtocolError(error))) connection.retire();
    const missing = proof === null ? null : proof.missing(last);
    if (missing !== null) connection.proven = false;
    const sizes = parcels.map(({ chunk }) => chunk.length);
    for (const [at, outcome] of readOutcomes(answers, sizes, connection.name).entries()) {
      const { line, chunk } = parcels[at] as Parcel;
      this.#settle(line, chunk, outcome, connection, missing);
    }
  }

  #settle(
    line: Line,
    chunk: readonly Entry[],
    outcome: Outcome,
    connection: Connection,
    missing: string | null,
  ): void {
    const stored = outcome.kind === 'stored' ? chunk.length : outcome.kind === 'refused' ? outcome.stored : 0;
    if (missing === null) line.accept(chunk.slice(0, stored));
    else if (stored > 0) line.doubt(chunk.slice(0, stored), unproven(connection.name, missing));
    switch (outcome.kind) {
      case 'stored':
        return;
      case 'unknown':
        return line.doubt(chunk, outcome.error);
      case 'skipped':
        return line.again(chunk);
      case 'redirected': {
        const { redirect, error } = outcome;
        const followed = this.#servers.follow(line.stream, redirect);
        if (!followed || !line.detour(chunk, redirect.once ? redirect : null)) line.fail(chunk, error);
        return;
      }
      case 'refused': {
        const rest = chunk.slice(stored);
        const { scope, error } = outcome.refusal;
        if (scope === 'message') return line.reject(rest[0] as Entry, error);
        if (scope === 'stream') return line.fail(rest, error);
        // The address may lead to a better server by now: to the primary after a failover.
        if (scope === 'server') connection.renew();
        return this.#unserved(line, rest, error, scope === 'broker' || this.#servers.areOne);
      }
    }
  }

  /** The server takes nothing: where it is the whole broker, no message is charged for that. */
  #unserved(
    line: Line,
    chunk: readonly Entry[],
    error: OutboxError,
    everywhere = this.#servers.areOne,
  ): void {
    if (!everywhere) return line.fail(chunk, shardFailed(error));
    this.unavailable ??= error;
    line.end();
  }
}
