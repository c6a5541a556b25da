import { namedTopics } from '@outrelay/core';
import { holds, same, sameIds, sameOrder } from '../bench/assertions.ts';
import { onlyTopic } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

export const S5_1: StoreClause = {
  id: 'S5.1',
  title: 'A lease that has ended can be taken over, under a new token.',
  cases: [{ name: 'after its read' }, { name: 'before its read' }, { name: 'again and again' }],
  async run(bench, name) {
    const appended = await bench.appendMany(3, { key: 'k' });
    for (let round = 0; round < (name === 'again and again' ? 4 : 1); round++) {
      const old = await bench.hold({ relay: `relay-${round}` });
      if (name !== 'before its read') await old.read();
      await bench.elapse(bench.leaseMs / 2);
      sameIds(await bench.available({ relay: 'early' }), [], 'messages yielded to another before the end');
      await bench.elapse(bench.leaseMs / 2 + 1);
    }
    const later = await bench.appendMany(2, { key: 'k' });
    const yielded = await bench.drain({ store: await bench.connect() });
    sameOrder(
      yielded,
      [...appended, ...later],
      'messages yielded after the end, those appended since included',
    );
  },
};

export const S5_2: StoreClause = {
  id: 'S5.2',
  title: '`renew` extends a held lease to `leaseMs` from now.',
  cases: [{ name: 'holds' }, { name: 'ends' }, { name: 'again and again' }],
  async run(bench, name) {
    const appended = await bench.appendMany(3, { key: 'k' });
    const { held, messages } = await bench.holdAndRead();
    const step = bench.leaseMs * 0.6;
    for (let round = 0; round < (name === 'again and again' ? 4 : 1); round++) {
      await bench.elapse(step);
      holds((await held.renew(bench.leaseMs)) !== null, 'a held lease was not renewed');
    }
    await bench.elapse(step);
    sameIds(await bench.available({ relay: 'relay-2' }), [], 'messages yielded to another after the renewal');
    if (name === 'ends') {
      await bench.elapse(bench.leaseMs - step + 1);
      sameIds(await bench.drain({ relay: 'relay-2' }), appended, 'messages after the end of a renewed lease');
      return;
    }
    same((await held.accept(messages)).settled, 3, 'messages settled under the renewed lease');
  },
};

export const S5_3: StoreClause = {
  id: 'S5.3',
  title: '`renew` answers `null` and changes nothing when any part of the lease was taken over or released.',
  cases: [{ name: 'taken over' }, { name: 'released' }, { name: 'a part was taken over' }],
  async run(bench, name) {
    const [a] = await bench.append(
      bench.make.stored({ topic: 'a', key: 'a' }),
      bench.make.stored({ topic: 'b', key: 'b' }),
    );
    const old = await bench.hold();
    if (name === 'released') {
      await old.release();
      same(await old.renew(bench.leaseMs), null, 'answer to a renewal after the release');
      same(
        (await bench.drain({ relay: 'relay-2' })).length,
        2,
        'messages free after the renewal was refused',
      );
      return;
    }
    await bench.elapse(bench.leaseMs + 1);
    const filter = name === 'taken over' ? {} : onlyTopic('a');
    const now = await bench.hold({ relay: 'relay-2', ...filter });
    same(await old.renew(bench.leaseMs), null, 'answer to a renewal after a take-over');
    const messages = await now.read({ topics: namedTopics(['a']) });
    sameIds(messages, a === undefined ? [] : [a], 'messages yielded to the new holder');
    same((await now.accept(messages)).settled, 1, 'messages settled by the new holder');
    await now.release();
    // What was not taken over must not have been extended either.
    const left = await bench.drain({ relay: 'relay-3' });
    same(left.length, 1, 'messages free after the renewal was refused');
  },
};

export const S5_4: StoreClause = {
  id: 'S5.4',
  title: '`release` makes what was read and not settled available at once, uncharged.',
  cases: [{ name: 'all' }, { name: 'some settled' }, { name: 'nothing read' }],
  async run(bench, name) {
    const appended = await bench.appendMany(4, { key: 'k' });
    const held = await bench.hold();
    const messages = name === 'nothing read' ? [] : await held.read();
    if (name === 'some settled') await held.accept(messages.slice(0, 2));
    const later = await bench.appendOne({ key: 'k' });
    await held.release();
    const left = await bench.drain({ store: await bench.connect(), relay: 'relay-2' });
    const unsettled = name === 'some settled' ? appended.slice(2) : appended;
    sameOrder(left, [...unsettled, later], 'messages available at once, one appended meanwhile included');
    same(
      left.filter(({ attempt }) => attempt !== 1).map(({ id }) => id),
      [],
      'messages charged by a release',
    );
  },
};

export const S5_5: StoreClause = {
  id: 'S5.5',
  title: '`release` is safe to repeat, with a token nobody knows, and after a claim whose reply was lost.',
  cases: [{ name: 'repeated' }, { name: 'unknown token' }, { name: 'lost reply' }],
  async run(bench, name) {
    const appended = await bench.appendMany(3, { key: 'k' });
    const token = bench.random.hex(32);
    if (name === 'unknown token') {
      await bench.store.release(token);
    } else {
      await bench.hold({ token });
      // Another store, as after a restart: the token is all there is.
      const store = await bench.connect();
      await store.release(token);
      if (name === 'repeated') for (let time = 0; time < 3; time++) await store.release(token);
    }
    sameIds(await bench.drain({ relay: 'relay-2' }), appended, `messages free after the release (${name})`);
  },
};

export const S5_6: StoreClause = {
  id: 'S5.6',
  title: 'A release by an old token frees nothing of its successor.',
  cases: [{ name: 'after a take-over' }, { name: 'after a release' }],
  async run(bench, name) {
    const appended = await bench.appendMany(3, { key: 'k' });
    const old = await bench.hold();
    if (name === 'after a take-over') await bench.elapse(bench.leaseMs + 1);
    else await old.release();
    // The same relay by name: what tells the leases apart is the token alone.
    const now = await bench.hold();
    const messages = await now.read();
    await old.release();
    sameIds(await bench.available({ relay: 'relay-2' }), [], 'messages freed by a release with an old token');
    const { settled } = await now.accept(messages);
    same(settled, messages.length, 'messages settled by the successor');
    await now.release();
    const left = await bench.drain();
    sameIds([...messages, ...left], appended, 'messages of the successor and what is left');
  },
};

export const S5_9: StoreClause = {
  id: 'S5.9',
  title: "A wrong clock on the relay's machine changes neither the end of leases nor due times.",
  needs: ['wrongClock'],
  cases: [{ name: 'fast' }, { name: 'slow' }],
  async run(bench, name) {
    const offsetMs = (name === 'fast' ? 1 : -1) * bench.leaseMs * 100;
    const due = await bench.appendOne({ key: 'due' });
    const availableAt = new Date((await bench.now()).getTime() + bench.leaseMs * 5);
    await bench.appendOne({ key: 'scheduled', availableAt });
    const restore = await bench.power('wrongClock')(bench.installation, offsetMs);
    try {
      const { held, messages } = await bench.holdAndRead();
      sameIds(messages, [due], `messages due for a relay with a ${name} clock`);
      await held.retry(messages, bench.leaseMs / 2);
      sameIds(await held.read(), [], 'messages yielded before their retry');
      await bench.appendOne({ key: 'second' });
    } finally {
      await restore();
    }
    await bench.elapse(bench.leaseMs / 2 + 1);
    const now = await bench.store.inspection?.status();
    if (now !== undefined) same(now.holders.length, 1, 'holders half-way through a lease');
    await bench.elapse(bench.leaseMs / 2 + 1);
    const left = await bench.drain({ relay: 'relay-2' });
    same(left.length, 2, 'messages yielded after the end of the lease, the retry among them');
  },
};
