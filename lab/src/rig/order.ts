/** One business event of the application under test: a row of its own, and the message about it. */
export interface Order {
  /** Numbered from 1 in the order in which they are written. */
  readonly number: number;
  readonly key: string;
}

/** The topic of all messages. */
export const TOPIC = 'lab.order';

/** The id of the message about an order. */
export function messageId({ number }: Order): string {
  return `order-${number}`;
}

/** The number of the order that a message is about. */
export function orderNumber(id: string): number {
  return Number(id.slice(id.indexOf('-') + 1));
}
