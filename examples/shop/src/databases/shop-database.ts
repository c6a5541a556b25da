import type { OutboxStore, TypedMessage } from '@outrelay/core';
import type { ShopTopics } from '../shop/messages.ts';
import type { Order } from '../shop/orders-csv.ts';

/** A message of the shop. */
export type ShopMessage = TypedMessage<ShopTopics>;

/** States of an order after it was placed. */
export type LaterState = 'paid' | 'shipped';

/** What the shop writes in one transaction of its database: business records and messages, or neither. */
export interface ShopTransaction {
  insertOrder(order: Order): Promise<void>;
  setState(orderId: string, state: LaterState): Promise<void>;
  /** Takes pieces from the stock and answers with what is left. */
  takeFromStock(sku: string, quantity: number): Promise<number>;
  /** Appends messages to the outbox in this very transaction, and answers with their ids. */
  append(messages: readonly ShopMessage[]): Promise<readonly string[]>;
  /** Writes down what happened, as a business record that names the message which tells of it. */
  noteHistory(message: ShopMessage, messageId: string): Promise<void>;
  /** Writes down messages of another transaction, which was rolled back: none of them may ever arrive. */
  noteRolledBack(orderId: string, messageIds: readonly string[]): Promise<void>;
}

/** How far the shop has come. */
export interface Progress {
  readonly orders: number;
  readonly refused: number;
}

/** The business records of the shop, for the ledger. */
export interface ShopRecords {
  /** Messages of committed transactions; `number` grows with time among those of one topic and key. */
  readonly history: readonly {
    readonly topic: string;
    readonly key: string;
    readonly number: number;
    readonly messageId: string;
  }[];
  readonly rolledBack: readonly { readonly messageId: string; readonly orderId: string }[];
  /** What was sold and paid for, in the smallest unit of the currency. */
  readonly sales: readonly { readonly currency: string; readonly amount: number }[];
  readonly stock: readonly { readonly sku: string; readonly level: number }[];
}

/**
 * The database of the shop. Each kind of database has a file beside this one; to read one of them is to know what an
 * outbox on that database takes.
 */
export interface ShopDatabase {
  /** What the demo creates there, and nothing but that is touched. */
  readonly belongings: string;
  /** The outbox, as relays and observers see it. It ends with the database. */
  readonly store: OutboxStore;
  /** Creates the tables of the application and those of the outbox. */
  create(): Promise<void>;
  /** Commits when `work` resolves, rolls back and passes the error on when it rejects. */
  transaction(work: (tx: ShopTransaction) => Promise<void>): Promise<void>;
  progress(): Promise<Progress>;
  records(): Promise<ShopRecords>;
  /** Drops what `create` created. */
  remove(): Promise<void>;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** Pieces of each product that the shop has in the beginning. */
export const INITIAL_STOCK = 10_000;
