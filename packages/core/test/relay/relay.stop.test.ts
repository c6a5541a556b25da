import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { many, newMessage } from '../support/messages.ts';
import { type Rig, rig } from '../support/rig.ts';

const down = new OutboxError('STORE_UNAVAILABLE', 'down');

/** Stops and answers with how long that took and what it left unsettled. */
async function stop(
  { relay, clock }: Rig,
  timeoutMs = 10_000,
): Promise<{ tookMs: number; unsettled: number }> {
  const begin = clock.monotonicMs();
  const { unsettled } = await clock.outcome(relay.stop({ timeoutMs }));
  return { tookMs: clock.monotonicMs() - begin, unsettled };
}

describe('a graceful stop (R7.2)', () => {
  it('lets the batch under way finish, takes no other, and gives the lease back', async () => {
    const made = rig({ transport: { takesMs: 3_000 }, relay: { batch: { messages: 10 } } });
    made.store.commit(...many(30));
    made.relay.start();
    await made.clock.until(() => made.transport.calls.length === 1);
    await expect(stop(made)).resolves.toMatchObject({ unsettled: 0 });
    expect(made.store.model.ids('accepted')).toHaveLength(10);
    expect([made.transport.calls.length, made.store.model.held, made.clock.timers]).toEqual([1, false, 0]);
  });

  it('ends at once while the relay is idle, lingers, pauses between failures or waits for a breaker', async () => {
    const idle = rig({ relay: { lanes: 3 } });
    const lingering = rig({ store: { facets: ['sharing'] }, relay: { lingerMs: 60_000 } });
    const failing = rig();
    const cutOff = rig();
    lingering.store.commit(newMessage());
    failing.store.script.always('claim', { fail: down });
    cutOff.store.commit(newMessage());
    cutOff.transport.reachable = false;
    for (const made of [idle, lingering, failing, cutOff]) {
      made.relay.start();
      await made.clock.advance(30_010);
      expect((await stop(made)).tookMs).toBeLessThan(5);
      expect([made.store.model.held, made.clock.timers]).toEqual([false, 0]);
    }
  });

  it('during a claim waits for it and gives the lease back', async () => {
    const made = rig();
    made.store.commit(newMessage());
    made.store.script.always('claim', { takesMs: 3_000 });
    made.relay.start();
    await made.clock.advance(100);
    expect(await stop(made)).toEqual({ tookMs: 2_901, unsettled: 0 });
    expect([made.transport.calls.length, made.store.model.held]).toEqual([0, false]);
  });

  it('during a read delivers what was read, then gives the rest back', async () => {
    const made = rig();
    made.store.commit(newMessage());
    made.store.script.always('read', { takesMs: 3_000 });
    made.relay.start();
    await made.clock.advance(100);
    await stop(made);
    expect([made.store.model.ids('accepted').length, made.store.model.held]).toEqual([1, false]);
  });

  it('during a settle that fails repeats it until it is recorded', async () => {
    const made = rig();
    made.store.commit(newMessage());
    made.store.script.next('settle', ...Array.from({ length: 6 }, () => ({ fail: down })));
    made.relay.start();
    await made.clock.until(() => made.store.script.calls('settle') === 1);
    expect(await stop(made)).toMatchObject({ unsettled: 0 });
    expect(made.store.model.ids('accepted')).toHaveLength(1);
  });

  it('during a renewal waits for it', async () => {
    const made = rig({ transport: { takesMs: 8_000 }, relay: { leaseMs: 10_000 } });
    made.store.commit(newMessage());
    made.store.script.always('renew', { takesMs: 3_000 });
    made.relay.start();
    await made.clock.advance(7_000);
    expect(await stop(made)).toMatchObject({ unsettled: 0 });
    expect([made.store.model.ids('accepted').length, made.store.model.held, made.clock.timers]).toEqual([
      1,
      false,
      0,
    ]);
  });

  it('during a purge waits for it', async () => {
    const made = rig({ store: { facets: ['maintenance'] } });
    made.store.script.always('purge', { takesMs: 2_000 });
    made.relay.start();
    await made.clock.until(() => made.store.script.calls('purge') === 1);
    expect((await stop(made)).tookMs).toBe(2_000);
  });

  it('while the store cannot be reached yet ends at once (stop during connect)', async () => {
    const made = rig({ store: { facets: ['wakeups'] } });
    made.store.script.always('listen', { hang: 'before' });
    made.store.script.always('claim', { fail: down });
    made.store.script.always('release', { fail: down });
    made.relay.start();
    await made.clock.advance(5_000);
    expect((await stop(made)).tookMs).toBeLessThan(5);
  });
});

describe('the deadline of a stop (R7.2)', () => {
  it('aborts publishing and gives everything back, also what the transport does not answer for', async () => {
    const made = rig();
    made.store.commit(...many(5));
    made.transport.script.always('publish', { hang: 'after' });
    made.relay.start();
    await made.clock.until(() => made.transport.calls.length === 1);
    expect(await stop(made, 3_000)).toEqual({ tookMs: 3_002, unsettled: 5 });
    expect([made.store.model.ids('returned').length, made.store.model.held]).toEqual([5, false]);
  });

  it('holds for a transport that heeds no abort', async () => {
    const made = rig();
    made.transport.heedsAbort = false;
    made.store.commit(...many(5));
    made.transport.script.always('publish', { hang: 'after' });
    made.relay.start();
    await made.clock.until(() => made.transport.calls.length === 1);
    expect(await stop(made, 3_000)).toEqual({ tookMs: 4_002, unsettled: 5 });
    expect(made.store.model.held).toBe(false);
  });

  it.each(['claim', 'read', 'settle', 'release'] as const)('holds while %s hangs', async (verb) => {
    const made = rig();
    made.store.commit(...many(5));
    made.store.script.always(verb, { hang: 'before' });
    made.relay.start();
    await made.clock.until(() => made.store.script.calls(verb) === 1);
    expect(await stop(made, 3_000)).toEqual({ tookMs: 5_000, unsettled: verb === 'settle' ? 5 : 0 });
    expect(made.eventsOf('relay-stopped')).toMatchObject([{ unsettled: verb === 'settle' ? 5 : 0 }]);
    expect(made.clock.timers).toBe(0);
  });

  it('holds while a settle fails for ever', async () => {
    const made = rig();
    made.store.commit(...many(5));
    made.store.script.always('settle', { fail: down });
    made.relay.start();
    await made.clock.until(() => made.store.script.calls('settle') === 1);
    const { tookMs, unsettled } = await stop(made, 3_000);
    expect([tookMs <= 3_010, unsettled]).toEqual([true, 5]);
  });

  it('can be brought forward by another stop', async () => {
    const made = rig();
    made.store.commit(...many(5));
    made.transport.script.always('publish', { hang: 'after' });
    made.relay.start();
    await made.clock.until(() => made.transport.calls.length === 1);
    const first = made.relay.stop({ timeoutMs: 60_000 });
    expect(await stop(made, 0)).toMatchObject({ tookMs: 2, unsettled: 5 });
    await expect(made.clock.outcome(first)).resolves.toEqual({ unsettled: 5 });
    expect(made.clock.timers).toBe(0);
  });

  it('leaves no timer when the relay ends before the grace after it', async () => {
    const made = rig({ transport: { takesMs: 60_000 } });
    made.store.commit(newMessage());
    made.relay.start();
    await made.clock.until(() => made.transport.calls.length === 1);
    await stop(made, 1_000);
    expect(made.clock.timers).toBe(1);
    await made.clock.advance(60_000);
    expect(made.clock.timers).toBe(0);
  });

  it('gives back a lease that a hung claim brings after the end', async () => {
    const made = rig();
    made.store.commit(newMessage());
    made.store.script.next('claim', { takesMs: 30_000 });
    made.relay.start();
    await made.clock.advance(10);
    await stop(made, 1_000);
    await made.clock.until(() => made.store.model.held);
    await made.clock.until(() => !made.store.model.held, 5);
    await made.clock.advance(60_000);
    expect([made.transport.calls.length, made.clock.timers]).toEqual([0, 0]);
  });
});
