import type { OutboxStore } from '@outrelay/core';

/** A store of Outrelay with what a measurement needs around it. */
export interface Subject {
  readonly store: OutboxStore;
  /** Creates the tables unless they are there, and fills them with nothing but so many messages. */
  refill(messages: number): Promise<void>;
  /** Where others may connect to the same database; absent where there is no server. */
  readonly url?: string | undefined;
  /** How many messages have not been settled as accepted. */
  left(): Promise<number>;
  /** How many statements the server has run so far, whoever sent them; `NaN` where there is no server. */
  statements(): Promise<number>;
  /** The version of the server or library below. */
  versions(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}
