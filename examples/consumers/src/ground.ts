import type { Consumer, ConsumerOptions } from '@outrelay/core';

/** What a message asks for: money on an account. */
export interface Payment {
  readonly account: string;
  readonly amount: number;
}

/** What the database shows when everything is over. */
export interface Effects {
  /** Ids of messages, as often as their effects happened. */
  readonly applied: readonly string[];
  /** Account to balance: sums, which a repeated or lost effect would spoil. */
  readonly balances: ReadonlyMap<string, number>;
  readonly parked: number;
}

/** The parts of a consumer that do not depend on the database. */
export type CommonOptions = Omit<ConsumerOptions<never, never, never>, 'store' | 'handler'>;

/** A database to consume into, with its store. */
export interface Ground {
  /** Creates the tables of the store and of the application. */
  prepare(): Promise<void>;
  /** Creates a consumer whose handler applies payments. */
  consumer(options: CommonOptions): Consumer;
  /** How many effects have happened. */
  count(): Promise<number>;
  effects(): Promise<Effects>;
  close(): Promise<void>;
  /** Drops everything that `prepare` created. */
  remove(): Promise<void>;
}
