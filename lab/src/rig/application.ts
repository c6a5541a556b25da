import type { OutboxStore } from '@outrelay/core';
import type { Order } from './order.ts';

/** Where a database is and how a program opens it: what a parent hands to its children. */
export type DatabaseAccess = { readonly kind: 'sqlite'; readonly file: string };

/** The application of one process: its own connections to a database, with the outbox in it. */
export interface Application {
  readonly store: OutboxStore;
  /** Creates the tables of the business and of the outbox. */
  install(): Promise<void>;
  /** Writes orders and the messages about them in one transaction; repeats it while the database is busy. */
  write(orders: readonly Order[], end: 'commit' | 'rollback'): Promise<void>;
  /** The numbers of all orders there are: the truth that deliveries are held against. */
  committed(): Promise<readonly number[]>;
  /** Deletes old orders, so that in a long run only what the outbox leaves behind can grow. */
  forgetBelow(number: number): Promise<void>;
  /** Opens a read transaction, as a long report does, until the answer is called. */
  holdSnapshot(): Promise<() => Promise<void>>;
  /** Bytes that the database takes on disk. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}
