import type { Transport, TransportCapabilities } from '@outrelay/core';
import type { TransportFacetName } from '../manifest.ts';
import type { HarnessBase } from './harness.ts';
import type { TransportPowers } from './transport-powers.ts';

/**
 * What the suite needs to know of a transport and its broker.
 *
 * @typeParam I - the broker as the harness makes it, for its own powers
 */
export interface TransportHarness<I extends BrokerAccess = BrokerAccess> extends HarnessBase {
  readonly kind: 'transport';
  /** The manifest that the adapter's package exports. */
  readonly capabilities: TransportCapabilities;
  /** Facets that the transport offers. */
  readonly facets: readonly TransportFacetName[];
  /** Makes a place of its own for one clause: destinations, streams or an endpoint that nobody else uses. */
  open(): Promise<I>;
  /** What the harness can do besides. A clause that needs more is reported as not exercised. Default: nothing. */
  readonly powers?: TransportPowers<I> | undefined;
  /**
   * Largest payload that the suite sends, in bytes, where the declared limit is higher. Default: 8 MiB.
   */
  readonly largestPayloadBytes?: number | undefined;
  /** Messages that stand for "many" (T4.2). Default: 2,000. */
  readonly manyMessages?: number | undefined;
}

/** A broker or endpoint, and the view from its side. */
export interface BrokerAccess {
  /** Opens a transport to the broker, unguarded. The suite closes it. */
  connect(): Transport | Promise<Transport>;
  /** Makes a destination; answers with a topic whose messages arrive there. */
  destination(label: string): Promise<string>;
  /**
   * Everything the broker holds or the endpoint has taken since the place was made, in order of arrival, read with
   * other means than the transport.
   */
  received(): Promise<readonly ReceivedMessage[]>;
  /** Removes the destinations and ends what the harness opened. */
  remove(): Promise<void>;
}

/** A message as a consumer sees it. */
export interface ReceivedMessage {
  readonly id: string;
  /** The topic whose destination it arrived at. */
  readonly topic: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array | null;
  readonly contentType: string;
}
