import type { MessageSource } from '@outrelay/core';
import type { Restore } from './harness.ts';
import type { SourcePlace } from './source-harness.ts';

/**
 * What the harness of a source can do besides the minimum. Each is optional, and each that is missing leaves clauses
 * unproven, which the report says by clause.
 */
export interface SourcePowers<I extends SourcePlace = SourcePlace> {
  /** Opens a source of another group, which begins where `start` says. The suite closes it. */
  connectGroup?(place: I, group: GroupRequest): MessageSource | Promise<MessageSource>;
  /** Puts something into the broker that is no message. */
  publishForeign?(place: I): Promise<void>;
  /** What the broker keeps of rejected deliveries, read with other means than the source. */
  kept?(place: I): Promise<readonly KeptRejection[]>;
  /** Lets another process of the group take so many deliveries, and kills it without warning. */
  takeAndDie?(place: I, count: number): Promise<void>;
  /** Stops the broker, so that it cannot be reached, until the answer is called. It loses nothing. */
  stopBroker?(place: I): Promise<Restore>;
  /** Kills the broker without warning and starts it again on the same data; resolves when it answers. */
  killBroker?(place: I): Promise<void>;
  /** Cuts all open connections silently, so that neither side is told; heals for new ones when the answer is called. */
  freezeConnections?(place: I): Promise<Restore>;
  /** Milliseconds within which a silently dead connection is noticed, as the source documents. */
  readonly noticesDeathWithinMs?: number | undefined;
  /** Texts that are secret in the configuration of the harness's sources: passwords, tokens, keys. */
  readonly secrets?: readonly string[] | undefined;
}

/** A group of sources that does not exist yet. */
export interface GroupRequest {
  readonly name: string;
  /** With the first message the broker has, or with what is published from now on. */
  readonly start: 'beginning' | 'new';
}

/** What the broker keeps of a rejected delivery. */
export interface KeptRejection {
  /** Id of the message; `null` for what was no message. */
  readonly id: string | null;
  readonly reason: string;
  readonly error: string;
}

/** Name of a power. */
export type SourcePower = keyof SourcePowers;
