import type { SourceHarness } from '@outrelay/conformance';
import type { ConsumedMessage, MessageSource, SourceDelivery } from '@outrelay/core';
import { type MutateSource, queueHarness } from '../lab/queue-harness.ts';
import type { QueueSourceOptions } from '../lab/queue-source.ts';
import type { Mutant } from '../report/mutant.ts';

/** A source with one bug, of a kind that has been found in the world. */
export interface SourceMutant extends Mutant {
  readonly harness: SourceHarness;
}

/** Breaks the honest source from the outside. */
export function broken(name: string, bug: string, mutate: MutateSource): SourceMutant {
  return { name, bug, harness: queueHarness(mutate) };
}

/** Breaks how a source joins its group. */
export function misjoined(
  name: string,
  bug: string,
  join: (options: QueueSourceOptions) => QueueSourceOptions,
): SourceMutant {
  return { name, bug, harness: queueHarness(undefined, join) };
}

/** Changes what `receive` yields. */
export function yielding(
  change: (
    deliveries: readonly SourceDelivery[],
    source: MessageSource,
  ) => readonly SourceDelivery[] | Promise<readonly SourceDelivery[]>,
): MutateSource {
  return () => (source) => ({
    ...source,
    receive: async (request, signal) => change(await source.receive(request, signal), source),
  });
}

/** Changes the messages that `receive` yields. */
export function reading(change: (message: ConsumedMessage) => ConsumedMessage): MutateSource {
  return yielding((deliveries) =>
    deliveries.map((delivery) => ({
      ...delivery,
      message: delivery.message === null ? null : change(delivery.message),
    })),
  );
}

/** Replaces verbs of the honest source. */
export function replacing(verbs: (source: MessageSource) => Partial<MessageSource>): MutateSource {
  return () => (source) => ({ ...source, ...verbs(source) });
}
