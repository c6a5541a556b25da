import type { MessageContent } from '@outrelay/core';
import type { Restore } from './harness.ts';
import type { BrokerAccess } from './transport-harness.ts';

/**
 * What a harness can do to the broker besides the minimum. Each is optional, and each that is missing leaves clauses
 * unproven, which the report says by clause.
 */
export interface TransportPowers<I extends BrokerAccess = BrokerAccess> {
  /** Makes the broker refuse a message for good. */
  provokeRejection?(broker: I, topic: string): Promise<Provocation>;
  /** Makes the broker not take a message this time. */
  provokeFailure?(broker: I, topic: string): Promise<Provocation>;
  /** Makes the broker ask to wait `retryAfterMs` milliseconds before a message is sent again. */
  provokeThrottling?(broker: I, topic: string, retryAfterMs: number): Promise<Provocation>;
  /** Makes the broker store a message, or not, and end the connection, or let the time run out, without an answer. */
  provokeSilence?(broker: I, topic: string): Promise<Provocation>;
  /** Makes the broker hold its answer back until it is lifted. */
  provokeHang?(broker: I, topic: string): Promise<Provocation>;
  /** Stops the broker, so that it cannot be reached, until the answer is called. */
  stopBroker?(broker: I): Promise<Restore>;
  /** Kills the broker without warning and starts it again on the same data; resolves when it takes messages. */
  killBroker?(broker: I): Promise<void>;
  /** Cuts all open connections silently, so that neither side is told; heals for new ones when the answer is called. */
  freezeConnections?(broker: I): Promise<Restore>;
  /** Milliseconds within which a silently dead connection is noticed, as the transport documents. */
  readonly noticesDeathWithinMs?: number | undefined;
  /** Answers with a topic whose destination does not exist or takes nothing. */
  missingDestination?(broker: I): Promise<string>;
  /** Texts that are secret in the configuration of the harness's transports: passwords, tokens, keys. */
  readonly secrets?: readonly string[] | undefined;
  /** Names that mean something to the broker or the protocol when they stand in its headers. */
  readonly reservedHeaders?: readonly string[] | undefined;
}

/** A broker that was told to treat a message badly. */
export interface Provocation {
  /** What a message must have to be treated so; empty when it is enough to go to the topic. */
  readonly message: Partial<Pick<MessageContent, 'id' | 'key' | 'payload' | 'headers'>>;
  /** `'message'`: others of the topic pass. `'topic'`: every message of the topic is treated so. */
  readonly scope: 'message' | 'topic';
  /** Ends the treatment. */
  lift(): Promise<void>;
}

/** Name of a power. */
export type TransportPower = keyof TransportPowers;
