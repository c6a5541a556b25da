import type { ClaimedMessage, Lease, SharingFacet } from '@outrelay/core';
import { holds, same, sameIds, sameTexts } from '../bench/assertions.ts';
import type { HeldLease } from '../bench/held-lease.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'sharing';
const KEYS = 200;

function sharingOf(bench: StoreBench): SharingFacet {
  const { sharing } = bench.store;
  holds(sharing !== undefined, 'the store has lost its sharing facet');
  return sharing;
}

async function appendKeys(bench: StoreBench, prefix: string): Promise<readonly { id: string }[]> {
  return bench.append(
    ...Array.from({ length: KEYS }, (_, at) => bench.make.stored({ key: `${prefix}${at}` })),
  );
}

/** Asks for work as another relay that finds nothing free; answers with its store. */
async function ask(bench: StoreBench, relay: string): Promise<Parameters<StoreBench['claim']>[0]> {
  const wishes = { store: await bench.connect(), relay };
  same(await bench.claim(wishes), null, 'a claim of a second relay while the first one holds everything');
  return wishes;
}

/** Hands over what others want; `null` when nothing is left. */
async function handOver(bench: StoreBench, held: HeldLease): Promise<Lease | null> {
  const rest = await sharingOf(bench).handOver(held.lease);
  if (rest !== null) held.lease = rest;
  return rest;
}

/** Reads and accepts everything the lease yields. */
async function readOut(held: HeldLease): Promise<ClaimedMessage[]> {
  const all: ClaimedMessage[] = [];
  for (let some = await held.read(); some.length > 0; some = await held.read()) {
    all.push(...some);
    await held.accept(some);
  }
  return all;
}

export const S12_1: StoreClause = {
  id: 'S12.1',
  title:
    'A relay that finds due messages but nothing free makes holders report `wanted` at their next settle or renewal.',
  facet,
  cases: [{ name: 'settle' }, { name: 'renewal' }, { name: 'nobody asked' }],
  async run(bench, name) {
    await appendKeys(bench, 'k');
    const held = await bench.hold();
    const messages = await held.read({ messages: 20 });
    if (name !== 'nobody asked') await ask(bench, 'relay-2');
    const wanted =
      name === 'renewal' ? (await held.renew(bench.leaseMs))?.wanted : (await held.accept(messages)).wanted;
    same(
      wanted,
      name !== 'nobody asked',
      `wanted in the report of a ${name === 'renewal' ? 'renewal' : 'settle'}`,
    );
  },
};

export const S12_2: StoreClause = {
  id: 'S12.2',
  title: '`handOver` frees a fair part for those who wait, and keeps the rest under the lease.',
  facet,
  async run(bench) {
    await appendKeys(bench, 'k');
    const held = await bench.hold();
    const wishes = await ask(bench, 'relay-2');
    await held.renew(bench.leaseMs);
    holds((await handOver(bench, held)) !== null, 'handOver gave the whole lease away to one other relay');
    const other = await bench.claim(wishes);
    holds(other !== null, 'the relay that waited got nothing after the hand-over');
    const [own, theirs] = [await readOut(held), await readOut(other)];
    same(own.length + theirs.length, KEYS, 'messages that both shares yield together');
    for (const [relay, share] of [['holder', own.length] as const, ['other relay', theirs.length] as const])
      holds(share >= KEYS / 5, `the share of the ${relay} is ${share} of ${KEYS} keys; half would be fair`);
  },
};

export const S12_3: StoreClause = {
  id: 'S12.3',
  title: 'Relays that share a backlog each get a part of it.',
  facet,
  async run(bench) {
    const appended = await appendKeys(bench, 'k');
    const parts: ClaimedMessage[][] = [[], [], []];
    const leases: (HeldLease | null)[] = [null, null, null];
    const stores = await Promise.all(parts.map(() => bench.connect()));
    for (let turn = 0; turn < 200; turn++) {
      for (const [at, store] of stores.entries()) {
        const held = (leases[at] ??= await bench.claim({ store, relay: `relay-${at}` }));
        if (held === null) continue;
        const messages = await held.read({ messages: 5 });
        parts[at]?.push(...messages);
        const { wanted } = await held.accept(messages);
        if ((wanted && (await handOver(bench, held)) === null) || messages.length === 0) {
          await held.release();
          leases[at] = null;
        }
      }
    }
    sameIds(parts.flat(), appended, 'messages yielded to all relays');
    for (const [at, part] of parts.entries())
      holds(part.length >= KEYS / 10, `relay ${at + 1} of 3 got ${part.length} of ${KEYS} messages`);
  },
};

export const S12_4: StoreClause = {
  id: 'S12.4',
  title: '`widen` takes what is free into the lease and nothing that others hold.',
  facet,
  cases: [{ name: 'others hold it' }, { name: 'others gave it back' }],
  async run(bench, name) {
    const appended = await appendKeys(bench, 'k');
    const held = await bench.hold();
    const wishes = await ask(bench, 'relay-2');
    await held.renew(bench.leaseMs);
    await handOver(bench, held);
    const other = await bench.claim(wishes);
    holds(other !== null, 'the relay that waited got nothing after the hand-over');
    const theirs = await other.read();
    if (name === 'others gave it back') {
      await other.giveBack(theirs);
      await other.release();
    }
    const token = held.lease.token;
    held.lease = await sharingOf(bench).widen(held.lease, { relay: 'relay-1', leaseMs: bench.leaseMs });
    same(held.lease.token, token, 'token of the wider lease');
    const own = await readOut(held);
    if (name === 'others gave it back') {
      sameIds(own, appended, 'messages that the wider lease yields');
      return;
    }
    const both = theirs.filter(({ key }) => own.some((message) => message.key === key));
    sameTexts(
      both.map(({ key }) => key ?? ''),
      [],
      'keys that the wider lease took from their holder',
    );
    same((await other.accept(theirs)).settled, theirs.length, 'messages that their holder could settle');
    sameIds([...own, ...theirs, ...(await readOut(other))], appended, 'messages that both leases yield');
  },
};

export const S12_5: StoreClause = {
  id: 'S12.5',
  title: 'What was handed over is not yielded under the old lease.',
  facet,
  cases: [{ name: 'under the lease before the hand-over' }, { name: 'appended later' }],
  async run(bench, name) {
    await appendKeys(bench, 'k');
    const held = await bench.hold();
    const old = held.lease;
    const wishes = await ask(bench, 'relay-2');
    await held.renew(bench.leaseMs);
    await handOver(bench, held);
    const other = await bench.claim(wishes);
    holds(other !== null, 'the relay that waited got nothing after the hand-over');
    const theirs = await other.read();
    if (name === 'appended later') await appendKeys(bench, 'k');
    else held.lease = old;
    const own = await readOut(held);
    const both = theirs.filter(({ key }) => own.some((message) => message.key === key));
    sameTexts(
      both.map(({ key }) => key ?? ''),
      [],
      'keys that the old holder still yields after the hand-over',
    );
  },
};
