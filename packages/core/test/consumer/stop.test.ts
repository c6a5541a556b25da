import { expect, it } from 'vitest';
import { consumerRig, message } from './consumer-rig.ts';

it('finishes what is under way, gives back the rest, and acknowledges what it finished', async () => {
  const { clock, inbox, source, consumer, begun, events } = consumerRig({ concurrency: 2 }, (_, __, time) =>
    time.sleep(500),
  );
  for (let at = 0; at < 6; at++) source.put(message(`m${at}`, { key: `k${at % 2}` }));
  consumer.start();
  await clock.until(() => begun.length === 2);
  const stopped = consumer.stop();
  await clock.advance(10);
  source.put(message('late'));
  expect(await clock.outcome(stopped)).toEqual({ unfinished: 0 });
  expect(begun).toEqual(['m0', 'm1']);
  expect(inbox.effects).toEqual(['m0', 'm1']);
  expect(source.acknowledged.toSorted()).toEqual(['e1', 'e2']);
  expect(source.released.toSorted()).toEqual(['e3', 'e4', 'e5', 'e6']);
  expect(source.waiting).toHaveLength(1);
  expect(events.at(-1)).toEqual({ type: 'consumer-stopped', consumer: 'billing', unfinished: 0 });
  expect(clock.timers).toBe(0);
});

it('waits no longer than it is told', async () => {
  const { clock, source, consumer, begun } = consumerRig({}, () => new Promise(() => {}));
  source.put(message('m1'));
  consumer.start();
  await clock.until(() => begun.length === 1);
  expect(await clock.outcome(consumer.stop({ timeoutMs: 300 }))).toEqual({ unfinished: 1 });
  expect(clock.monotonicMs()).toBeLessThan(1_000);
  expect(source.acknowledged).toEqual([]);
});

it('ends while the broker and the database are away', async () => {
  const { clock, inbox, source, consumer } = consumerRig();
  source.put(message('m1'));
  source.script.always('acknowledge', { fail: new Error('away') });
  source.script.always('release', { fail: new Error('away') });
  consumer.start();
  await clock.until(() => inbox.effects.length === 1);
  inbox.outage = new Error('no database');
  await clock.outcome(consumer.stop({ timeoutMs: 2_000 }), 10_000);
  expect(source.acknowledged).toEqual([]);
});

it('leaves no timer for what waits for another attempt', async () => {
  const { clock, source, consumer, eventsOf } = consumerRig({ retry: { minDelayMs: 60_000 } }, () =>
    Promise.reject(new Error('not yet')),
  );
  source.put(message('m1'));
  consumer.start();
  await clock.until(() => eventsOf('delivery-retry').length === 1);
  await clock.outcome(consumer.stop());
  expect(source.released).toEqual(['e1']);
  expect(clock.timers).toBe(0);
});

it('can be stopped before it was started, and twice', async () => {
  const { consumer, clock } = consumerRig();
  expect(await clock.outcome(consumer.stop())).toEqual({ unfinished: 0 });
  expect(await clock.outcome(consumer.stop())).toEqual({ unfinished: 0 });
});
