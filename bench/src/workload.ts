/** The topic of all messages. */
export const TOPIC = 'order.placed';
/** How many keys there are. */
const KEYS = 1_000;
/** The size of every payload. */
export const PAYLOAD_BYTES = 300;

/** The name of the consumer in all receipts. */
export const CONSUMER = 'billing';

/** The id of message number `n`. */
export function idOf(n: number): string {
  return `0190a6b2-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

/** The key of message number `n`. */
export function keyOf(n: number): string {
  return `customer-${n % KEYS}`;
}

/** The payload of message number `n`, as the value that an application has. */
export function orderOf(n: number): Readonly<Record<string, unknown>> {
  const order = {
    order: n,
    customer: keyOf(n),
    currency: 'EUR',
    total: (n % 10_000) / 100,
    lines: [
      { article: `article-${n % 97}`, quantity: (n % 5) + 1, price: (n % 2_000) / 100 },
      { article: `article-${n % 89}`, quantity: (n % 3) + 1, price: (n % 3_000) / 100 },
    ],
    note: '',
  };
  return { ...order, note: 'x'.repeat(Math.max(0, PAYLOAD_BYTES - JSON.stringify(order).length)) };
}

/** The payload of message number `n`, as JSON. */
export function payloadOf(n: number): string {
  return JSON.stringify(orderOf(n));
}

/** Id, key and payload of message number `n`, as they are stored. */
export function rowOf(n: number): readonly [id: string, key: string, payload: string] {
  return [idOf(n), keyOf(n), payloadOf(n)];
}
