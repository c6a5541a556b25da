import { expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { consumerRig, message } from './consumer-rig.ts';

const fail = async (): Promise<never> => {
  throw new Error('no such order');
};

it('waits longer and longer before the next attempt, while its key waits and others go on', async () => {
  const { clock, inbox, source, consumer, begun, eventsOf } = consumerRig({}, async (_, { id }) => {
    if (id === 'm1' && begun.filter((one) => one === 'm1').length < 3) throw new Error('busy');
  });
  source.put(message('m1', { key: 'k' }));
  source.put(message('m2', { key: 'k' }));
  source.put(message('m3', { key: 'other' }));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 3);
  expect(inbox.effects).toEqual(['m3', 'm1', 'm2']);
  expect(eventsOf('delivery-retry').map(({ attempts, delayMs }) => [attempts, delayMs])).toEqual([
    [1, 100],
    [2, 200],
  ]);
  expect(inbox.attempts.size, 'attempts are forgotten in the end').toBe(0);
  await clock.outcome(consumer.stop());
});

it('parks what fails too often, and lets its key go on', async () => {
  const { clock, inbox, source, consumer, eventsOf } = consumerRig({}, async (_, { id }) => {
    if (id === 'm1') await fail();
  });
  source.put(message('m1', { key: 'k', payload: '{"n":1}' }));
  source.put(message('m2', { key: 'k' }));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 2);
  expect(inbox.parkedAt('billing', 'm1')).toMatchObject({
    attempts: 4,
    reason: 'attempts-exhausted',
    error: 'no such order',
    redrives: 0,
    message: { id: 'm1', payload: '{"n":1}' },
  });
  expect(inbox.effects).toEqual(['m2']);
  expect(inbox.receipts).toEqual(new Set(['billing/m2']));
  expect(eventsOf('delivery-given-up')).toMatchObject([
    { reason: 'attempts-exhausted', keeper: 'inbox', place: 'e1' },
  ]);
  await clock.outcome(consumer.stop());
});

it('parks at once what the handler rejects', async () => {
  const { clock, inbox, source, consumer } = consumerRig({}, async () => {
    throw new OutboxError('MESSAGE_REJECTED', 'This order was never placed.');
  });
  source.put(message('m1'));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 1);
  expect(inbox.parkedAt('billing', 'm1')).toMatchObject({
    attempts: 1,
    reason: 'rejected',
    error: 'This order was never placed.',
  });
  await clock.outcome(consumer.stop());
});

it('charges what somebody had before, ahead of the handler, and parks it unhandled when that was too often', async () => {
  const { clock, inbox, source, consumer, begun, eventsOf } = consumerRig();
  inbox.attempts.set('billing/killer', 4);
  inbox.attempts.set('billing/innocent', 1);
  source.put(message('killer'), 5);
  source.put(message('innocent'), 2);
  consumer.start();
  await clock.until(() => source.acknowledged.length === 2);
  expect(begun).toEqual(['innocent']);
  expect(inbox.parkedAt('billing', 'killer')).toMatchObject({ attempts: 4, reason: 'attempts-exhausted' });
  expect(eventsOf('delivery-given-up')[0]?.error).toContain('in hands 4 times without an end');
  expect(inbox.attempts.size).toBe(0);
  await clock.outcome(consumer.stop());
});

it('handles what may have killed a process while nothing else is under way', async () => {
  let running = 0;
  const alone: string[] = [];
  const { clock, source, consumer } = consumerRig({ concurrency: 4 }, async (_, { id }, time) => {
    running++;
    if (running === 1) alone.push(id);
    await time.sleep(10);
    if (running > 1) alone.splice(0, alone.length, ...alone.filter((one) => one !== id));
    running--;
  });
  for (let at = 0; at < 12; at++) source.put(message(`m${at}`), at % 3 === 0 ? 2 : 1);
  consumer.start();
  await clock.until(() => source.acknowledged.length === 12);
  expect(alone).toEqual(expect.arrayContaining(['m0', 'm3', 'm6', 'm9']));
  await clock.outcome(consumer.stop());
});

it('acknowledges a redelivery of what is parked without handling it', async () => {
  const { clock, source, consumer, begun } = consumerRig({}, async () => {
    throw new OutboxError('MESSAGE_REJECTED', 'never');
  });
  source.put(message('m1'));
  consumer.start();
  await clock.until(() => source.acknowledged.length === 1);
  source.put(message('m1'), 2);
  await clock.until(() => source.acknowledged.length === 2);
  expect(begun).toEqual(['m1']);
  await clock.outcome(consumer.stop());
});

it('handles what was redriven, and parks it again when it fails again', async () => {
  let healthy = false;
  const { clock, inbox, source, consumer, begun, eventsOf } = consumerRig(
    { retry: { maxAttempts: 2, minDelayMs: 100, jitter: 0 } },
    async () => {
      if (!healthy) await fail();
    },
  );
  source.put(message('m1'));
  consumer.start();
  await clock.until(() => inbox.parked.size === 1);
  await inbox.store.parking?.redrive({}, 10);
  await clock.until(() => inbox.parkedAt('billing', 'm1')?.redrives === 1 && begun.length === 4);
  await clock.until(() => eventsOf('delivery-given-up').length === 2);
  expect(inbox.parkedAt('billing', 'm1')).toMatchObject({ attempts: 2, redrives: 1 });
  healthy = true;
  await inbox.store.parking?.redrive({}, 10);
  await clock.until(() => inbox.effects.length === 1);
  await clock.until(() => inbox.parked.size === 0);
  expect(eventsOf('delivery-handled')).toMatchObject([{ redriven: true, duplicate: false }]);
  expect(source.acknowledged, 'the broker is told once').toEqual(['e1']);
  await clock.outcome(consumer.stop());
});

it('gives the source what is no message, what cannot be kept, and everything when asked to', async () => {
  const { clock, inbox, source, consumer, begun } = consumerRig({}, fail);
  source.put(null);
  source.put(message('x'.repeat(300)));
  source.put(message('big', { payload: 'x'.repeat(1_000_001) }));
  consumer.start();
  await clock.until(() => source.rejected.length === 3);
  expect(source.rejected.map(({ reason, delivery }) => [delivery.place, reason])).toEqual([
    ['e1', 'undecodable'],
    ['e2', 'undecodable'],
    ['e3', 'attempts-exhausted'],
  ]);
  expect(begun).toEqual(['big', 'big', 'big', 'big']);
  expect(source.acknowledged).toEqual([]);
  expect(inbox.attempts.size + inbox.parked.size).toBe(0);
  await clock.outcome(consumer.stop());

  const other = consumerRig({ deadLetters: 'source' }, fail);
  other.source.put(message('m1'));
  // The broker is away just then: the handler must not run again for that.
  other.source.script.next('reject', { fail: new Error('away') });
  other.consumer.start();
  await other.clock.until(() => other.source.rejected.length === 1);
  expect(other.source.rejected).toMatchObject([{ reason: 'attempts-exhausted', error: 'no such order' }]);
  expect(other.begun).toHaveLength(4);
  expect(other.inbox.parked.size).toBe(0);
  await other.clock.outcome(other.consumer.stop());
});

it('rejects once what was handled together with others, whatever comes meanwhile', async () => {
  const { clock, source, consumer, events } = consumerRig(
    { deadLetters: 'source', batchMessages: 2, concurrency: 2 },
    async (_, { id }) => {
      if (id === 'bad') throw new OutboxError('MESSAGE_REJECTED', 'no');
    },
  );
  source.script.always('reject', { takesMs: 100 });
  source.put(message('good', { key: 'k' }));
  source.put(message('bad', { key: 'k' }));
  consumer.start();
  await clock.until(() => source.script.calls('reject') === 1);
  source.put(message('other'));
  await clock.until(() => source.acknowledged.length === 2);
  await clock.advance(500);
  expect(source.rejected.map(({ delivery }) => delivery.place)).toEqual(['e2']);
  expect(events.filter(({ type }) => type === 'delivery-given-up')).toHaveLength(1);
  await clock.outcome(consumer.stop());
});
