/**
 * What a store observably does. The README's table is generated from these manifests, and the conformance package
 * selects its clauses by them: a stronger claim adds tests, a weaker one selects tests that prove the weakness.
 */
export interface StoreCapabilities {
  /** `'sync'`: an append has been written when the call returns. `'async'`: when its promise resolves. */
  readonly append: 'sync' | 'async';
  /** Whether messages survive the end of the process that appended them. */
  readonly durability: 'durable' | 'volatile';
  /**
   * What a held lease keeps from other leases: only the keys it yields, the partitions those keys belong to, or the
   * whole store (one relay works, the others stand by).
   */
  readonly leaseScope: 'key' | 'partitioned' | 'store';
  /**
   * An append with the id of a message that is still pending: `'ignored'` keeps the first and reports the id,
   * `'stored'` keeps both, so that the consumer sees a duplicate.
   */
  readonly duplicateIds: 'ignored' | 'stored';
  /** `'strict'`: the store offers the strict ordering mode besides the order per key. */
  readonly ordering: 'key' | 'strict';
  /** Whether a plain INSERT by any client, in any language, takes part in the outbox. */
  readonly polyglot: 'insert' | 'none';
  /** Whether a rollback to a savepoint drops the messages appended after it. */
  readonly savepoints: 'supported' | 'none';
  readonly limits: StoreLimits;
}

/** The largest values a store takes; core refuses an append above them before the store is called. */
export interface StoreLimits {
  /** Bytes of one payload. */
  readonly maxPayloadBytes: number;
  /** Bytes of the headers of one message, as JSON. */
  readonly maxHeadersBytes: number;
  /** Messages in one append. */
  readonly maxMessagesPerAppend: number;
}

/** What a transport observably does; see {@link StoreCapabilities} for how the declaration is used. */
export interface TransportCapabilities {
  /**
   * What a failed message does to the later messages of its topic and key in the same call: `'key'` promises that
   * none of them is sent; with `'none'` core never puts two messages of one key into one call.
   */
  readonly batchOrder: 'key' | 'none';
  /**
   * What `accepted` proves: the broker keeps the message through its own restart, has it in memory, or the receiver's
   * process has it in a pipe.
   */
  readonly confirmation: 'durable' | 'received' | 'handed-over';
  /** Whether the broker drops a repeated deduplication id inside some window, or leaves that to consumers. */
  readonly deduplication: 'window' | 'consumer';
  readonly limits: TransportLimits;
}

/** The largest values a transport takes; core splits batches in order and refuses single messages above them. */
export interface TransportLimits {
  /** Messages in one call of `publish`. */
  readonly maxMessages: number;
  /** Payload bytes in one call of `publish`; a single message may always go alone. */
  readonly maxBatchBytes: number;
  /** Payload bytes of one message; above it the message is settled as dead, its neighbours pass. */
  readonly maxPayloadBytes: number;
}

/** The longest topic, in bytes of UTF-8: index entries of every bundled database hold it. */
export const MAX_TOPIC_BYTES = 255;
/** The longest key, in bytes of UTF-8: longer ones fail in an index at the first retry, when it is too late. */
export const MAX_KEY_BYTES = 512;
/** The longest message id, in bytes of UTF-8. */
export const MAX_ID_BYTES = 255;

/** What a source of messages observably does; see {@link StoreCapabilities} for how the declaration is used. */
export interface SourceCapabilities {
  /** Whether `deliveryCount` counts every delivery, or tells only the first from the others. */
  readonly redelivery: 'counted' | 'flagged';
  /** Whether rejected deliveries are kept by the broker, with their reason, or dropped. */
  readonly rejected: 'kept' | 'dropped';
}
