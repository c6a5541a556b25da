import type { ClaimedMessage } from '../message.ts';
import { type PublishResult, type Transport, WITHHELD } from '../transport.ts';
import { type Published, type PublishScope, publishAll } from './publish.ts';
import type { Routes } from './routes.ts';

/** What became of a batch on all its transports. */
export interface Dispatched {
  /** One result per message, in order. */
  readonly results: readonly PublishResult[];
  /** As in {@link Published.collateral}. */
  readonly collateral: boolean;
  /** The transports that could not be reached. */
  readonly unavailable: readonly {
    readonly transport: Transport;
    readonly error: NonNullable<Published['unavailable']>;
  }[];
}

/** Publishes a batch, each message through the transport of its topic, all transports at the same time. */
export async function dispatch(
  routes: Routes,
  messages: readonly ClaimedMessage[],
  scope: PublishScope,
): Promise<Dispatched> {
  const groups = groupByTransport(routes, messages);
  const published = await Promise.all(
    groups.map(({ transport, part }) => publishAll(transport, part, scope)),
  );
  const unavailable = groups.flatMap(({ transport }, at) => {
    const error = published[at]?.unavailable ?? null;
    return error === null ? [] : [{ transport, error }];
  });
  const collateral = published.some((part) => part.collateral);
  if (groups.length === 1) return { results: (published[0] as Published).results, collateral, unavailable };
  const results = new Array<PublishResult>(messages.length).fill(WITHHELD);
  for (const [at, { indexes }] of groups.entries()) {
    for (const [position, index] of indexes.entries()) {
      results[index] = (published[at] as Published).results[position] as PublishResult;
    }
  }
  return { results, collateral, unavailable };
}

interface Group {
  readonly transport: Transport;
  readonly part: readonly ClaimedMessage[];
  /** Where the messages of `part` stand in the batch; empty when there is one group only. */
  readonly indexes: readonly number[];
}

function groupByTransport(routes: Routes, messages: readonly ClaimedMessage[]): readonly Group[] {
  // The guard around the store lets no topic pass that was not asked for, and only routed topics are asked for.
  const transportOf = (message: ClaimedMessage): Transport => routes.of(message.topic) as Transport;
  const [first] = routes.transports;
  const goOneWay =
    routes.transports.length === 1 || messages.every((message) => transportOf(message) === first);
  if (first !== undefined && goOneWay) return [{ transport: first, part: messages, indexes: [] }];
  const groups = new Map<Transport, { part: ClaimedMessage[]; indexes: number[] }>();
  for (const [index, message] of messages.entries()) {
    const transport = transportOf(message);
    let group = groups.get(transport);
    if (group === undefined) {
      group = { part: [], indexes: [] };
      groups.set(transport, group);
    }
    group.part.push(message);
    group.indexes.push(index);
  }
  return [...groups].map(([transport, group]) => ({ transport, ...group }));
}
