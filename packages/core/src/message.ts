/** Headers of a message: names to values, both text. A name keeps its case; order is not kept. */
export type Headers = Readonly<Record<string, string>>;

/**
 * The body of a message as it is stored and sent.
 *
 * A string stands for its UTF-8 bytes (it is always well-formed Unicode), a `Uint8Array` for itself. `null` is "no
 * body", which differs from an empty one: Kafka calls it a tombstone.
 */
export type Payload = string | Uint8Array | null;

/** What a producer says about a message, encoded and checked. */
export interface MessageContent {
  /** Unique name of the message, at most 255 bytes; consumers recognise duplicates by it. Default: a UUIDv7. */
  readonly id: string;
  /** Where it belongs, at most 255 bytes; routes choose the transport by it. */
  readonly topic: string;
  /** Messages of one topic and key keep their order; `null` asks for no order. At most 512 bytes. */
  readonly key: string | null;
  readonly headers: Headers;
  readonly payload: Payload;
  /** Media type of the payload, for example `application/json`. */
  readonly contentType: string;
}

/** A message on its way into a store. */
export interface NewMessage extends MessageContent {
  /** Not to be published before this time by the database's clock; `null` means at once. */
  readonly availableAt: Date | null;
  /**
   * `'key'`: positions follow the order of append. `'strict'`: the store draws the position under a lock on the key,
   * so that two concurrent transactions that append for one key are published in the order of their commits.
   */
  readonly ordering: 'key' | 'strict';
}

/** A message on its way to a transport. */
export interface Message extends MessageContent {
  /** When it was appended, by the database's clock. */
  readonly createdAt: Date;
  /**
   * The name under which a broker may drop duplicates: the id, and after a redrive a new name, so that a deliberate
   * second delivery is not swallowed by the broker's window.
   */
  readonly deduplicationId: string;
}

/** A message that a store yields under a lease. */
export interface ClaimedMessage extends Message {
  /** The number of the coming attempt: 1 for a message nobody has tried. */
  readonly attempt: number;
  /** Why the stored row cannot be turned into a message; `null` for every healthy one. Core settles it as dead. */
  readonly undecodable: string | null;
  /** The store's own reference to the row; core hands it back untouched. */
  readonly ref: unknown;
}

/**
 * The name a broker may deduplicate by.
 *
 * @param id - the id of the message
 * @param redrives - how often it has been redriven from the dead letters; 0 for most
 */
export function deduplicationId(id: string, redrives: number): string {
  return redrives === 0 ? id : `${id}#${redrives}`;
}

/** The size of a payload in bytes, as it is stored and sent. */
export function payloadBytes(payload: Payload): number {
  if (payload === null) return 0;
  return typeof payload === 'string' ? Buffer.byteLength(payload) : payload.byteLength;
}
