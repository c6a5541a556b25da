import type { ClaimedMessage } from '@outrelay/core';
import { holds, same, sameIds, sameTexts } from '../bench/assertions.ts';
import type { HeldLease } from '../bench/held-lease.ts';
import { onlyTopic, type StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const ROUNDS = 12;
const RELAYS = 4;
/** Enough that some share a partition with any other, whatever the number of partitions. */
const MANY_KEYS = 400;

/** Reads and accepts until the lease yields nothing more; answers with everything. */
async function readOut(held: HeldLease, messages = 1_000): Promise<ClaimedMessage[]> {
  const all: ClaimedMessage[] = [];
  for (let some = await held.read({ messages }); some.length > 0; some = await held.read({ messages })) {
    all.push(...some);
    await held.accept(some);
  }
  return all;
}

function keysOf(messages: readonly { key: string | null }[]): readonly string[] {
  return [...new Set(messages.flatMap(({ key }) => key ?? []))];
}

export const S3_5: StoreClause = {
  id: 'S3.5',
  title: 'While a lease is held, no other lease yields a message of a key that this lease can yield.',
  cases: [
    { name: 'before its read' },
    { name: 'after its read' },
    { name: 'under the same relay name' },
    { name: 'the other one was taken over' },
    { name: 'the other one was released' },
  ],
  async run(bench, name) {
    if (name.startsWith('the other one')) {
      await formerHolder(bench, name.endsWith('taken over'));
      return;
    }
    const keys = Array.from({ length: 12 }, (_, at) => `k${at}`);
    for (let round = 0; round < 3; round++)
      await bench.append(...keys.map((key) => bench.make.stored({ key })));
    const one = await bench.hold();
    const first = name === 'before its read' ? [] : await one.read({ messages: 5 });
    await bench.append(...keys.map((key) => bench.make.stored({ key })));
    const others: ClaimedMessage[] = [];
    const relay = name === 'under the same relay name' ? 'relay-1' : 'relay-2';
    const store = await bench.connect();
    for (let more = await bench.claim({ store, relay }); more !== null; ) {
      const yielded = (await more.read()).filter(({ id }) => others.every((message) => message.id !== id));
      others.push(...yielded);
      // Held on purpose, so that the leases exist side by side.
      more = yielded.length === 0 ? null : await bench.claim({ store, relay });
    }
    if (first.length > 0) await one.accept(first);
    const own = keysOf([...first, ...(await readOut(one))]);
    const both = keysOf(others).filter((key) => own.includes(key));
    sameTexts(both, [], 'keys that two leases yielded while both were held');
  },
};

/** Who held a lease before knows its token still, and must not get what its successor can. */
async function formerHolder(bench: StoreBench, takenOver: boolean): Promise<void> {
  await bench.appendMany(4, { key: 'k' });
  const old = await bench.hold({ store: await bench.connect() });
  if (takenOver) await bench.elapse(bench.leaseMs + 1);
  else await old.release();
  const now = await bench.hold({ relay: 'relay-2' });
  await bench.appendMany(2, { key: 'k' });
  sameIds(await old.read(), [], 'messages yielded to the former holder of the key');
  same((await readOut(now)).length, 6, 'messages yielded to the holder of the key');
}

export const S3_6: StoreClause = {
  id: 'S3.6',
  title: 'A held lease keeps no other key from other leases.',
  when: { leaseScope: 'key' },
  async run(bench) {
    await bench.appendMany(2, { key: 'held' });
    const one = await bench.hold();
    await bench.append(
      ...Array.from({ length: MANY_KEYS }, (_, at) => bench.make.stored({ key: `other-${at}` })),
    );
    await bench.appendOne({ key: 'held' });
    const others = await bench.drain({ store: await bench.connect(), relay: 'relay-2' });
    sameIds(
      others.filter(({ key }) => key === 'held'),
      [],
      'messages of the key that is held',
    );
    same(others.length, MANY_KEYS, 'messages of other keys that a second lease got');
    await one.release();
  },
};

/** Gives a part of a lease to those who wait, when the store can and somebody does. */
async function share(bench: StoreBench, one: HeldLease): Promise<void> {
  const report = await one.renew(bench.leaseMs);
  if (report?.wanted !== true || bench.store.sharing === undefined) return;
  const rest = await bench.store.sharing.handOver(one.lease);
  holds(rest !== null, 'handOver gave the whole lease away to a single other relay');
  one.lease = rest;
}

export const S3_7: StoreClause = {
  id: 'S3.7',
  title: 'A held lease keeps only the keys that share its partitions; a second lease gets others.',
  when: { leaseScope: 'partitioned' },
  async run(bench) {
    await bench.append(...Array.from({ length: MANY_KEYS }, (_, at) => bench.make.stored({ key: `k${at}` })));
    const one = await bench.hold();
    const store = await bench.connect();
    let two = await bench.claim({ store, relay: 'relay-2' });
    if (two === null) {
      // The first lease covered everything that was free; the second gets its part once it has asked.
      await share(bench, one);
      two = await bench.claim({ store, relay: 'relay-2' });
    }
    holds(two !== null, 'a second lease got nothing while a first one was held');
    const [ones, twos] = [keysOf(await one.read()), keysOf(await two.read())];
    holds(ones.length > 0, 'nothing was left to the first lease');
    holds(twos.length > 0, 'a second lease yielded nothing while a first one was held');
    sameTexts(
      twos.filter((key) => ones.includes(key)),
      [],
      'keys that both leases yielded',
    );
    // The weakness that the declaration admits: keys that appear now fall into partitions that are held.
    await bench.append(
      ...Array.from({ length: MANY_KEYS }, (_, at) => bench.make.stored({ key: `new-${at}` })),
    );
    const third = await bench.drain({ store: await bench.connect(), relay: 'relay-3' });
    const kept = MANY_KEYS - third.filter(({ key }) => key?.startsWith('new-') ?? false).length;
    holds(kept > 0, 'a held lease kept none of many new keys: the store could declare the scope "key"');
  },
};

export const S3_8: StoreClause = {
  id: 'S3.8',
  title: 'While a lease is held, `claim` answers `null`.',
  when: { leaseScope: 'store' },
  async run(bench) {
    await bench.appendOne({ topic: 'held', key: 'held' });
    const one = await bench.hold(onlyTopic('held'));
    await bench.appendMany(20, { topic: 'other' });
    const store = await bench.connect();
    const two = await bench.claim({ store, relay: 'relay-2', ...onlyTopic('other') });
    same(two, null, 'a second claim while the store is held');
    await one.release();
    const yielded = await bench.drain({ store, relay: 'relay-2', ...onlyTopic('other') });
    same(yielded.length, 20, 'messages yielded once the lease was released');
  },
};

export const S3_10: StoreClause = {
  id: 'S3.10',
  title: 'Relays that claim at the same instant never hold the same key.',
  async run(bench) {
    const stores = await Promise.all(Array.from({ length: RELAYS }, () => bench.connect()));
    for (let round = 0; round < ROUNDS; round++) {
      const appended = await bench.append(
        ...Array.from({ length: 10 }, (_, at) => bench.make.stored({ key: `k${at % 5}` })),
      );
      const claims = await Promise.all(
        stores.map((store, at) => bench.claim({ store, relay: `relay-${at}` })),
      );
      const leases = claims.filter((held) => held !== null);
      holds(leases.length > 0, 'none of the relays that claimed at the same instant got a lease');
      const reads = await Promise.all(leases.map((held) => held.read()));
      const keys = reads.flatMap((messages) => keysOf(messages));
      sameTexts(keys, [...new Set(keys)], `keys yielded in round ${round + 1}`);
      await Promise.all(leases.map((held, at) => held.accept(reads[at] ?? [])));
      await Promise.all(leases.map((held) => held.release()));
      const left = await bench.drain();
      sameIds([...reads.flat(), ...left], appended, `messages yielded in round ${round + 1}`);
    }
  },
};

export const S3_13: StoreClause = {
  id: 'S3.13',
  title: 'A lease needs no open transaction or connection: it holds while the store does nothing.',
  cases: [
    { name: 'idle' },
    { name: 'its store is closed' },
    { name: 'its connections are cut', needs: ['killConnections'] },
  ],
  async run(bench, name) {
    await bench.appendMany(3, { key: 'k' });
    const first = await bench.connect();
    const one = await bench.hold({ store: first });
    await bench.elapse(bench.leaseMs / 2);
    if (name === 'its store is closed') await first.close();
    if (name === 'its connections are cut') await bench.power('killConnections')(bench.installation);
    const store = await bench.connect();
    sameIds(await bench.available({ store, relay: 'relay-2' }), [], `messages of a held lease (${name})`);
    if (name === 'its store is closed') return;
    same((await one.read()).length, 3, 'messages that the lease yields');
  },
};
