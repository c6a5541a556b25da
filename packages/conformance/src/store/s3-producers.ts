import { same, sameIds } from '../bench/assertions.ts';
import type { HeldLease } from '../bench/held-lease.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { PausableVerb } from '../harness/store-powers.ts';
import type { StoreClause } from './store-clause.ts';

type Step = (bench: StoreBench, held: HeldLease) => Promise<unknown>;

const STEPS: Readonly<Record<string, Step>> = {
  claim: async (bench) => {
    const other = await bench.claim({ relay: 'relay-2' });
    await other?.release();
  },
  read: (_bench, held) => held.read(),
  settle: async (_bench, held) => held.accept(await held.read()),
  renew: (bench, held) => held.renew(bench.leaseMs),
  release: (_bench, held) => held.release(),
  purge: async (bench) => bench.store.maintenance?.purge({ limit: 100 }),
};

const PAUSED = Object.keys(STEPS).map((verb) => ({
  name: `stopped in ${verb}`,
  needs: ['pauseAt' as const],
  ...(verb === 'purge' ? { facet: 'maintenance' as const } : {}),
}));

export const S3_18: StoreClause = {
  id: 'S3.18',
  title:
    'Producers append while a lease, a read, a settle, a renewal or a purge is under way, also on an empty store.',
  cases: [{ name: 'a lease is held' }, { name: 'everything was read' }, { name: 'all at once' }, ...PAUSED],
  async run(bench, name) {
    await bench.appendMany(5, { key: 'k' });
    const held = await bench.hold();
    if (name === 'a lease is held') {
      await appendsAndDrains(bench, held);
    } else if (name === 'everything was read') {
      // Nothing is left, which is where gap locks stand.
      await held.accept(await held.read());
      await appendsAndDrains(bench, held);
    } else if (name === 'all at once') {
      const [messages] = await Promise.all([
        held.read(),
        held.renew(bench.leaseMs),
        bench.store.maintenance?.purge({ limit: 100 }),
        bench.appendMany(5, { key: 'k' }),
        bench.appendMany(5, { key: 'other' }),
      ]);
      await Promise.all([held.accept(messages), bench.appendMany(5, { key: 'k' })]);
      await held.release();
      same(
        messages.length + (await bench.drain()).length,
        20,
        'messages yielded, those appended meanwhile included',
      );
    } else {
      await appendsWhileStopped(bench, held, name.replace('stopped in ', '') as PausableVerb);
    }
  },
};

async function appendsAndDrains(bench: StoreBench, held: HeldLease): Promise<void> {
  const appended = [await bench.appendOne({ key: 'k' }), await bench.appendOne({ key: 'new' })];
  await held.release();
  const yielded = await bench.drain();
  sameIds(
    yielded.filter(({ id }) => appended.some((message) => message.id === id)),
    appended,
    'messages appended while a lease was held',
  );
}

async function appendsWhileStopped(bench: StoreBench, held: HeldLease, verb: PausableVerb): Promise<void> {
  const pause = await bench.power('pauseAt')(bench.installation, verb);
  const step = STEPS[verb]?.(bench, held);
  await pause.reached;
  // Were they kept out, these would not be answered before the verb goes on, and the watchdog would tell.
  const appended = [await bench.appendOne({ key: 'k' }), await bench.appendOne({ key: 'new' })];
  pause.resume();
  await step;
  await held.release();
  const yielded = await bench.drain();
  sameIds(
    yielded.filter(({ id }) => appended.some((message) => message.id === id)),
    appended,
    `messages appended while ${verb} stood still`,
  );
}
