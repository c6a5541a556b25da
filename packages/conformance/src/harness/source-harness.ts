import type { Message, MessageSource, SourceCapabilities } from '@outrelay/core';
import type { HarnessBase } from './harness.ts';
import type { SourcePowers } from './source-powers.ts';

/**
 * What the suite needs to know of a source and its broker.
 *
 * @typeParam I - the place as the harness makes it, for its own powers
 */
export interface SourceHarness<I extends SourcePlace = SourcePlace> extends HarnessBase {
  readonly kind: 'source';
  /** The manifest that the adapter's package exports. */
  readonly capabilities: SourceCapabilities;
  /**
   * Milliseconds after which the sources of a place with `takeover: 'soon'` get what a dead one had in hands: as short as
   * the adapter allows.
   */
  readonly takeoverMs: number;
  /** Makes a place of its own for one clause: a stream, queue or topic that nobody else uses. */
  open(request: PlaceRequest): Promise<I>;
  /** What the harness can do besides. A clause that needs more is reported as not exercised. Default: nothing. */
  readonly powers?: SourcePowers<I> | undefined;
}

/** How a place for a clause is made. */
export interface PlaceRequest {
  /**
   * When what a dead source had in hands goes to another: `'soon'` after {@link SourceHarness.takeoverMs}, `'late'` after
   * an hour at the earliest, for clauses in which something must come for another reason.
   */
  readonly takeover: 'soon' | 'late';
}

/** A stream, queue or topic of a broker, and one group of consumers of it. */
export interface SourcePlace {
  /** Opens a source of the group, unguarded, as one more process would. The group begins at the beginning. */
  connect(): MessageSource | Promise<MessageSource>;
  /** Publishes messages in this order, with other means than the source. */
  publish(messages: readonly Message[]): Promise<void>;
  /** Removes the place and ends what the harness opened. */
  remove(): Promise<void>;
}
