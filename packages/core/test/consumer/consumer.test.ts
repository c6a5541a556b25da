import { expect, it } from 'vitest';
import { consumerRig, message } from './consumer-rig.ts';

it('handles a message once, whatever the broker does, and acknowledges after the commit', async () => {
  const { clock, inbox, source, consumer, eventsOf } = consumerRig();
  const places = [source.put(message('m1')), source.put(message('m1')), source.put(message('m2'))];
  consumer.start();
  await clock.until(() => source.acknowledged.length === 3);
  expect(source.acknowledged.toSorted()).toEqual(places);
  expect(inbox.effects.toSorted()).toEqual(['m1', 'm2']);
  expect(
    eventsOf('delivery-handled')
      .map(({ duplicate }) => duplicate)
      .filter(Boolean),
  ).toHaveLength(1);
  expect(await clock.outcome(consumer.stop())).toEqual({ unfinished: 0 });
  expect(clock.timers).toBe(0);
});

it('acknowledges nothing while the transaction is open', async () => {
  let end = (): void => {};
  const { clock, source, consumer } = consumerRig({}, () => new Promise<void>((resolve) => (end = resolve)));
  source.put(message('m1'));
  consumer.start();
  await clock.advance(60_000);
  expect(source.acknowledged).toEqual([]);
  end();
  await clock.until(() => source.acknowledged.length === 1);
  await clock.outcome(consumer.stop());
});

it('handles keys side by side and the messages of one key one after the other', async () => {
  const running = new Set<string | null>();
  let most = 0;
  const { clock, inbox, source, consumer, begun } = consumerRig(
    { concurrency: 3 },
    async (_, { key }, time) => {
      expect(running.has(key), 'two messages of one key at the same time').toBe(false);
      running.add(key);
      most = Math.max(most, running.size);
      await time.sleep(10);
      running.delete(key);
    },
  );
  for (let at = 0; at < 30; at++) source.put(message(`m${at}`, { key: `k${at % 5}` }));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 30);
  for (let key = 0; key < 5; key++) {
    const own = begun.filter((id) => Number(id.slice(1)) % 5 === key);
    expect(own).toEqual(own.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1))));
  }
  expect(most).toBe(3);
  expect(inbox.mostAtOnce).toBe(3);
  await clock.outcome(consumer.stop());
});

it('with order "none" lets the messages of one key run side by side', async () => {
  const { clock, inbox, source, consumer } = consumerRig({ order: 'none', concurrency: 4 });
  for (let at = 0; at < 8; at++) source.put(message(`m${at}`, { key: 'k' }));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 8);
  expect(inbox.mostAtOnce).toBe(4);
  await clock.outcome(consumer.stop());
});

it('holds no more deliveries than it may', async () => {
  const { clock, source, consumer } = consumerRig({ prefetch: 7, concurrency: 2 });
  for (let at = 0; at < 40; at++) source.put(message(`m${at}`));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 40);
  // Beyond those that are held, some may be handled and not acknowledged yet.
  expect(source.mostOut).toBeLessThanOrEqual(7 + 2);
  await clock.outcome(consumer.stop());
});

it('sends an acknowledgement again until the broker has it', async () => {
  const { clock, inbox, source, consumer, eventsOf } = consumerRig();
  source.script.next('acknowledge', { fail: new Error('lost') }, { fail: new Error('lost') });
  source.put(message('m1'));
  source.put(message('m2'));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 2);
  expect(inbox.effects.toSorted()).toEqual(['m1', 'm2']);
  expect(eventsOf('source-failed').map(({ during }) => during)).toEqual(['acknowledge', 'acknowledge']);
  await clock.outcome(consumer.stop());
});

it('goes on when the broker was away', async () => {
  const { clock, source, consumer, eventsOf } = consumerRig();
  source.script.next('receive', ...Array.from({ length: 3 }, () => ({ fail: new Error('away') })));
  source.put(message('m1'));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 1);
  const waits = eventsOf('source-failed').map(({ delayMs }) => delayMs);
  expect(waits).toHaveLength(3);
  expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
  await clock.outcome(consumer.stop());
});

it('spends no attempts while the database is away', async () => {
  const { clock, inbox, source, consumer, eventsOf } = consumerRig();
  inbox.outage = new Error('no database');
  source.put(message('m1'));
  source.put(message('m2'), 2);
  consumer.start();
  await clock.advance(120_000);
  inbox.outage = null;
  await clock.until(() => source.acknowledged.length === 2);
  expect(eventsOf('delivery-retry')).toEqual([]);
  expect(eventsOf('delivery-given-up')).toEqual([]);
  expect(inbox.attempts.size).toBe(0);
  // Every ten seconds at least, and not in a tight loop.
  expect(eventsOf('store-failed').filter(({ during }) => during === 'handle').length).toBeLessThan(40);
  await clock.outcome(consumer.stop());
});

it('commits several messages together and separates the one that fails', async () => {
  const { clock, inbox, source, consumer } = consumerRig(
    { batchMessages: 5, concurrency: 1 },
    async (_, { id }) => {
      if (id === 'm2') throw new Error('no such order');
    },
  );
  for (let at = 0; at < 5; at++) source.put(message(`m${at}`, { key: `k${at % 2}` }));
  consumer.start();
  await clock.until(() => inbox.parked.size === 1);
  await clock.until(() => source.acknowledged.length === 5);
  expect(inbox.effects.toSorted()).toEqual(['m0', 'm1', 'm3', 'm4']);
  for (let at = 5; at < 10; at++) source.put(message(`m${at}`));
  const before = inbox.ended.length;
  await clock.until(() => source.acknowledged.length === 10);
  expect(inbox.ended.slice(before)).toEqual(['commit']);
  await clock.outcome(consumer.stop());
});

it('refuses to start twice, and to work without what it needs', async () => {
  const { consumer, inbox, clock } = consumerRig();
  consumer.start();
  expect(() => consumer.start()).toThrow(expect.objectContaining({ code: 'RELAY_STATE' }));
  await clock.outcome(consumer.stop());
  expect(() => consumer.start()).toThrow(/has ended/);
  expect(() => consumerRig({ store: { ...inbox.store, parking: undefined } })).toThrow(/parking facet/);
  expect(() => consumerRig({ name: '' })).toThrow(/option "name"/);
  expect(() => consumerRig({ handler: 5 as never })).toThrow(/option "handler"/);
  expect(() => consumerRig({ source: {} as never })).toThrow(/source of messages/);
  const newer = { ...{ spec: 2, name: 'newer' }, receive: async () => [] } as never;
  expect(() => consumerRig({ source: newer })).toThrow(/implements version 2/);
});
