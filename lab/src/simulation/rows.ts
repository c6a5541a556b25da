import type { ClaimedMessage, NewMessage, PublishResult } from '@outrelay/core';
import { deduplicationId } from '@outrelay/core';

/** One message in the model database. */
export interface Row {
  /** Drawn when it was inserted, which may be long before the commit. */
  readonly position: number;
  readonly content: NewMessage;
  /** Topic and key, or what stands for them when there is no key. */
  readonly orderKey: string;
  readonly partition: number;
  attempts: number;
  /** By the database's clock. */
  availableAtMs: number;
  /** `fresh` before its time lets later ones of its key pass; `retry` does not; `blocked` waits for people. */
  phase: 'fresh' | 'retry' | 'blocked';
  /** It was under delivery when its relay disappeared: handed out alone, and charged before. */
  suspect: boolean;
  redrives: number;
  /** The read that has it at the moment. */
  delivery: Delivery | null;
}

/** A process as the database knows it. */
export interface Session {
  readonly name: string;
  /** Whether it may have ended in the middle of things: killed, or stopped with too little time. */
  readonly cutShort: boolean;
}

/** What one read yielded. */
export interface Batch {
  readonly token: string;
  readonly deliveries: Delivery[];
}

/** One message in the hands of one relay: from the read that yielded it to its settlement, or the end of its lease. */
export interface Delivery {
  readonly row: Row;
  readonly batch: Batch;
  readonly session: Session;
  /** The number of the attempt. */
  readonly attempt: number;
  /** Whether it was handed to a transport. */
  published: boolean;
  /** What the relay was told by the transport; `null` before, and when the call failed as a whole. */
  answer: PublishResult | null;
  /** Why the relay may not know, or may not have recorded, that the broker has it; `null` while it must. */
  excuse: string | null;
  /** What was recorded of it; `null` before. */
  recorded: 'accepted' | 'retry' | 'dead' | 'returned' | null;
  /** Whether the relay has reported what was recorded. */
  reported: boolean;
}

/** The message as a store yields it. */
export function claimedMessage(delivery: Delivery): ClaimedMessage {
  const { row, attempt } = delivery;
  const { availableAt: _, ordering: __, ...content } = row.content;
  return {
    ...content,
    createdAt: EPOCH,
    deduplicationId: deduplicationId(content.id, row.redrives),
    attempt,
    undecodable: row.content.headers['undecodable'] ?? null,
    ref: delivery,
  };
}

const EPOCH = new Date(0);

/** The delivery behind a message that a store of the model has yielded. */
export function deliveryOf(message: object): Delivery {
  return (message as ClaimedMessage).ref as Delivery;
}

/** Which of `partitions` a topic and key belong to. */
export function partitionOf(orderKey: string, partitions: number): number {
  let hash = 7;
  for (let index = 0; index < orderKey.length; index++)
    hash = (Math.imul(hash, 31) + orderKey.charCodeAt(index)) | 0;
  return Math.abs(hash) % partitions;
}
