import { CommandFailure } from './command-failure.ts';
import { numberOf, textOf } from './commands.ts';
import type { WireDocument } from './wire-message.ts';

/** What an active fail point does to a command: nothing, an error, or the end of the connection. */
export type Failure = CommandFailure | 'close' | null;

/**
 * The fail point `failCommand` of MongoDB, which servers of its test builds have: it makes commands fail that are
 * named, so many times, of clients with a certain `appName`, by an error or by a closed connection, before the command
 * has done anything.
 */
export class FailPoint {
  #left = 0;
  #met = 0;
  #data: WireDocument = {};

  /** Takes new settings; answers with how often the ones before were met. */
  configure({ mode, data }: WireDocument): number {
    const met = this.#met;
    this.#met = 0;
    if (mode === 'off') this.#left = 0;
    else if (mode === 'alwaysOn') this.#left = Number.POSITIVE_INFINITY;
    else this.#left = numberOf((mode as WireDocument)['times']);
    this.#data = (data ?? {}) as WireDocument;
    return met;
  }

  /** What is to happen to a command of a client. */
  async meet(command: string, appName: string | null): Promise<Failure> {
    const {
      failCommands,
      appName: wanted,
      errorCode,
      errorLabels,
      closeConnection,
      blockConnection,
      blockTimeMS,
    } = this.#data;
    if (this.#left <= 0 || !(failCommands as readonly unknown[]).map(textOf).includes(command)) return null;
    if (wanted !== undefined && wanted !== appName) return null;
    this.#left--;
    this.#met++;
    if (blockConnection === true) await new Promise((resolve) => setTimeout(resolve, numberOf(blockTimeMS)));
    if (closeConnection === true) return 'close';
    if (errorCode === undefined) return null;
    const labels = (errorLabels ?? []) as readonly string[];
    return new CommandFailure(
      numberOf(errorCode),
      'FailPoint',
      'Failing command via "failCommand" fail point',
      [...labels],
    );
  }
}
