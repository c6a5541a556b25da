import type { TransportHarness } from '@outrelay/conformance';
import type { Message, PublishResult, Transport } from '@outrelay/core';
import { brokerHarness, type MutateTransport } from '../lab/broker-harness.ts';
import { type Dialect, honestDialect } from '../lab/broker-transport.ts';
import type { Mutant } from '../report/mutant.ts';

/** A transport with one bug, of a kind that has been found in the world. */
export interface TransportMutant extends Mutant {
  readonly harness: TransportHarness;
}

/** Breaks the honest transport from the outside. */
export function broken(name: string, bug: string, mutate: MutateTransport): TransportMutant {
  return { name, bug, harness: brokerHarness(mutate) };
}

/** Breaks what it writes on the wire, or how it understands answers. */
export function misspoken(name: string, bug: string, dialect: Partial<Dialect>): TransportMutant {
  return { name, bug, harness: brokerHarness(undefined, { ...honestDialect, ...dialect }) };
}

/** Changes messages before they are sent. */
export function sending(change: (message: Message) => Message): Partial<Dialect> {
  return { encode: (message) => honestDialect.encode(change(message)) };
}

/** Changes the results of a call. */
export function resulting(
  change: (results: readonly PublishResult[], messages: readonly Message[]) => readonly PublishResult[],
): (transport: Transport) => Transport {
  return (transport) => ({
    ...transport,
    publish: async (messages, signal) => change(await transport.publish(messages, signal), messages),
  });
}
