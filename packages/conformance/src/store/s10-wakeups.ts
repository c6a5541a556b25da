import type { WakeupListener, WakeupSubscription } from '@outrelay/core';
import { holds } from '../bench/assertions.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'wakeups';

/** A listener that counts what it hears. */
class Ear implements WakeupListener {
  wakes = 0;
  losses = 0;
  restorations = 0;
  wake(): void {
    this.wakes++;
  }
  lost(): void {
    this.losses++;
  }
  restored(): void {
    this.restorations++;
  }
}

async function listen(bench: StoreBench, listener: WakeupListener): Promise<WakeupSubscription> {
  const { wakeups } = bench.store;
  holds(wakeups !== undefined, 'the store has lost its wakeups facet');
  return wakeups.listen(listener);
}

export const S10_1: StoreClause = {
  id: 'S10.1',
  title: 'A committed append wakes a listener.',
  facet,
  cases: [
    { name: 'of this store' },
    { name: 'of another store' },
    { name: 'each of two listeners' },
    { name: 'not before the commit' },
  ],
  async run(bench, name) {
    const ears = [new Ear(), new Ear()];
    const subscriptions = [];
    for (const ear of ears) subscriptions.push(await listen(bench, ear));
    const store = name === 'of another store' ? await bench.connect() : bench.store;
    for (let round = 0; round < 3; round++) {
      for (const ear of ears) ear.wakes = 0;
      const transaction = await bench.begin({ store });
      await transaction.append(bench.make.stored());
      if (name === 'not before the commit')
        await bench.never(() =>
          ears.some(({ wakes }) => wakes > 0) ? 'woken before the commit' : undefined,
        );
      await transaction.commit();
      await bench.eventually('both listeners to be woken by a commit', () =>
        ears.every(({ wakes }) => wakes > 0),
      );
      await bench.drain();
    }
    for (const subscription of subscriptions) await subscription.close();
  },
};

export const S10_2: StoreClause = {
  id: 'S10.2',
  title: 'A rolled-back append wakes nobody.',
  facet,
  cases: [{ name: 'rolled back' }, { name: 'read and settled' }],
  async run(bench, name) {
    const settling = name === 'read and settled' ? await bench.appendMany(3) : [];
    const ear = new Ear();
    const subscription = await listen(bench, ear);
    if (settling.length === 0) {
      const transaction = await bench.begin();
      await transaction.append(...bench.make.many(3));
      await transaction.rollback();
    } else {
      // A relay that wakes itself by its own work would never rest.
      const { held, messages } = await bench.holdAndRead();
      await held.accept(messages);
    }
    await bench.never(() =>
      ear.wakes > 0 ? `a listener was woken although nothing was committed: ${name}` : undefined,
    );
    await bench.appendOne();
    await bench.eventually('the listener to be woken by a commit', () => ear.wakes > 0);
    await subscription.close();
  },
};

export const S10_3: StoreClause = {
  id: 'S10.3',
  title: 'Listening ends with `close`: no call after it.',
  facet,
  cases: [{ name: 'of the subscription' }, { name: 'of one of two' }],
  async run(bench, name) {
    const [closed, open] = [new Ear(), new Ear()];
    const subscription = await listen(bench, closed);
    const other = name === 'of one of two' ? await listen(bench, open) : null;
    await bench.appendOne();
    await bench.eventually('the listener to be woken by a commit', () => closed.wakes > 0);
    await subscription.close();
    const heard = closed.wakes;
    await bench.appendMany(3);
    if (other !== null) {
      open.wakes = 0;
      await bench.appendOne();
      await bench.eventually('the other listener to be woken', () => open.wakes > 0);
    }
    await bench.never(() => (closed.wakes > heard ? 'a listener was called after its close' : undefined));
    await subscription.close();
    await other?.close();
  },
};

export const S10_4: StoreClause = {
  id: 'S10.4',
  title: 'A listener whose connection was cut reports `lost`, then `restored`, and wakes again.',
  facet,
  needs: ['killConnections'],
  async run(bench) {
    const ear = new Ear();
    const subscription = await listen(bench, ear);
    await bench.power('killConnections')(bench.installation);
    await bench.eventually('the listener to report the loss', () => ear.losses > 0);
    await bench.eventually('the listener to report that hints flow again', () => ear.restorations > 0);
    ear.wakes = 0;
    await bench.appendOne();
    await bench.eventually('the listener to be woken after the loss', () => ear.wakes > 0);
    await subscription.close();
  },
};

export const S10_5: StoreClause = {
  id: 'S10.5',
  title: 'Another installation in the same database wakes nobody.',
  facet,
  needs: ['secondInstallation'],
  async run(bench) {
    const ear = new Ear();
    const subscription = await listen(bench, ear);
    const installation = await bench.power('secondInstallation')(bench.installation);
    const store = await bench.connect(installation);
    const transaction = await bench.begin({ installation, store });
    await transaction.append(...bench.make.many(3));
    await transaction.commit();
    await bench.never(() =>
      ear.wakes > 0 ? 'an append to another installation woke the listener' : undefined,
    );
    await bench.appendOne();
    await bench.eventually('the listener to be woken by its own installation', () => ear.wakes > 0);
    await subscription.close();
  },
};
