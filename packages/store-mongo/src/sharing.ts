import type { SharingFacet } from '@outrelay/core';
import { takeFree, viewPartitions } from './claim.ts';
import type { Connection } from './connection.ts';
import { heldPartitions, leaseOn, type MongoLease } from './lease.ts';
import type { WantedMarks } from './wanted.ts';

/** Milliseconds after which a relay that waits gets a part even of a single partition. */
const PATIENCE_MS = 2_000;

/** Divides partitions between relays. */
export function sharingFacet(connection: Connection, marks: WantedMarks): SharingFacet {
  return {
    handOver: (lease) =>
      connection.run(async () => {
        const { token } = lease;
        const [held, wanted] = await Promise.all([heldPartitions(connection, token), marks.of(token)]);
        const numbers = held.map(({ no }) => no);
        if (wanted === null) return numbers.length === 0 ? null : leaseOn(token, numbers);
        const asked = numbers.filter((no) => wanted.partitions.has(no));
        const others = numbers.filter((no) => !wanted.partitions.has(no));
        let given = fairPart(asked, wanted.relays);
        // One busy key is not worth moving to and fro, unless the holder may be unable to serve who waits.
        if (given.length === 0 && wanted.waitedMs >= PATIENCE_MS) given = asked.slice(0, 1);
        const away = [...given, ...fairPart(others, wanted.relays)];
        await connection.database
          .collection('partitions')
          .updateMany({ _id: { $in: away }, token }, { $set: { released: true } });
        await marks.answer(token, given.length > 0);
        const kept = numbers.filter((no) => !away.includes(no));
        return kept.length === 0 ? null : leaseOn(token, kept);
      }),

    widen: (lease, { relay, leaseMs }) =>
      connection.run(async () => {
        const { token, state } = lease as MongoLease;
        const view = await viewPartitions(connection);
        // What has run out under this very token is renewed, not taken over.
        const free = view.free.filter((no) => !state.partitions.includes(no));
        if (free.length === 0) return lease;
        return leaseOn(token, await takeFree(connection, free, { token, relay, leaseMs }));
      }),
  };
}

/** What to give away when so many relays wait: an equal part for each, rounded down. */
function fairPart(partitions: readonly number[], relays: number): readonly number[] {
  return partitions.slice(Math.ceil(partitions.length / (relays + 1)));
}
