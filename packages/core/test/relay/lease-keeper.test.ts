import { describe, expect, it } from 'vitest';
import { guardStore } from '../../src/guard/guard-store.ts';
import { LeaseKeeper } from '../../src/relay/lease-keeper.ts';
import { ALL_TOPICS } from '../../src/topics.ts';
import { newMessage } from '../support/messages.ts';
import { ScriptedStore } from '../support/scripted-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const LEASE_MS = 9_000;
const down = new Error('down');

interface Kept {
  readonly clock: VirtualClock;
  readonly store: ScriptedStore;
  readonly keeper: LeaseKeeper;
  readonly failures: { readonly atMs: number; readonly error: unknown }[];
  /** When publishing had to end; `null` while it has not. */
  readonly ended: { atMs: number | null };
}

/** A lease that was asked for at time 0 and is kept from then on. */
async function keep(clock = new VirtualClock(), claimMs = 0): Promise<Kept> {
  const store = new ScriptedStore(clock);
  store.commit(newMessage());
  store.script.next('claim', { takesMs: claimMs });
  const request = { token: 't', relay: 'r', leaseMs: LEASE_MS, topics: ALL_TOPICS };
  const lease = await clock.outcome(store.claim(request));
  if (lease === null) throw new Error('there is a message to claim');
  const failures: Kept['failures'] = [];
  const observer = {
    renewFailed: (error: unknown): void => void failures.push({ atMs: clock.monotonicMs(), error }),
  };
  const keeper = new LeaseKeeper(guardStore(store), clock, observer, lease, LEASE_MS, 0);
  const ended: Kept['ended'] = { atMs: null };
  keeper.signal.addEventListener('abort', () => {
    ended.atMs = clock.monotonicMs();
  });
  return { clock, store, keeper, failures, ended };
}

describe('LeaseKeeper', () => {
  it('renews every third of the lease, and the lease stays usable', async () => {
    const { clock, store, keeper } = await keep();
    await clock.advance(100_000);
    expect(keeper.usable).toBe(true);
    expect(store.model.held).toBe(true);
    expect(store.script.calls('renew')).toBe(33);
  });

  it('renews at once when the claim took most of the lease', async () => {
    const { clock, store, keeper } = await keep(new VirtualClock(), LEASE_MS * 0.85);
    await clock.advance(10_000);
    expect(keeper.usable).toBe(true);
    expect(store.script.calls('renew')).toBeGreaterThan(2);
  });

  it('ends publishing a tenth of the lease before its end when it cannot renew (R5.1)', async () => {
    const { clock, store, keeper, failures, ended } = await keep();
    store.script.always('renew', { fail: down });
    await clock.advance(20_000);
    expect(ended.atMs).toBe(LEASE_MS * 0.9);
    expect([keeper.usable, keeper.lost]).toEqual([false, false]);
    expect(keeper.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    expect(failures.length).toBeGreaterThan(3);
    expect(clock.timers).toBe(0);
  });

  it('goes on when a renewal works again in time', async () => {
    const { clock, store, keeper } = await keep();
    store.script.next('renew', { fail: down }, { fail: down });
    await clock.advance(30_000);
    expect(keeper.usable).toBe(true);
  });

  it('is told that the lease is lost', async () => {
    const { clock, store, keeper, ended } = await keep();
    store.model.takeAway();
    await clock.advance(10_000);
    expect([keeper.usable, keeper.lost]).toEqual([false, true]);
    expect(ended.atMs).toBe(LEASE_MS / 3 + 1);
    expect(clock.timers).toBe(0);
  });

  it('ends publishing in time while a renewal hangs', async () => {
    const { clock, store, ended, failures } = await keep();
    store.script.always('renew', { hang: 'before' });
    await clock.advance(20_000);
    expect(ended.atMs).toBe(LEASE_MS * 0.9);
    expect(failures[0]?.error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  });

  it('renews over another connection when one went silent', async () => {
    const { clock, store, keeper } = await keep();
    store.script.next('renew', { hang: 'before' });
    await clock.advance(30_000);
    expect(keeper.usable).toBe(true);
  });

  it('ends publishing in time although timers are early', async () => {
    const { clock, store, keeper, ended } = await keep(new VirtualClock(0.9));
    store.script.always('renew', { takesMs: LEASE_MS, replyMs: LEASE_MS });
    await clock.advance(LEASE_MS);
    expect(keeper.signal.aborted).toBe(true);
    expect(ended.atMs).toBeGreaterThanOrEqual(LEASE_MS * 0.9);
    expect(ended.atMs).toBeLessThan(LEASE_MS * 0.9 + 2);
  });

  it('is not usable after a stall longer than the lease, before any timer has run', async () => {
    const { clock, keeper } = await keep();
    clock.stall(LEASE_MS);
    expect(keeper.usable).toBe(false);
    expect(keeper.signal.aborted).toBe(true);
  });

  it('counts the renewed lease from before the renewal was sent', async () => {
    const { clock, store, ended } = await keep();
    store.script.next('renew', { takesMs: 500, replyMs: 1_500 });
    store.script.always('renew', { fail: down });
    await clock.advance(30_000);
    expect(ended.atMs).toBe(LEASE_MS / 3 + LEASE_MS * 0.9);
  });

  it('remembers that others wait until that is forgotten', async () => {
    const { clock, store, keeper } = await keep();
    store.model.wanted = true;
    await clock.advance(10_000);
    expect(keeper.wanted).toBe(true);
    keeper.forgetWanted();
    expect(keeper.wanted).toBe(false);
  });

  it('stops renewing when it is closed, and waits for a renewal under way', async () => {
    const { clock, store, keeper } = await keep();
    store.script.next('renew', { takesMs: 500 });
    await clock.advance(LEASE_MS / 3 + 100);
    const begin = clock.monotonicMs();
    await clock.outcome(keeper.close());
    expect(clock.monotonicMs() - begin).toBe(400);
    await clock.advance(100_000);
    expect(store.script.calls('renew')).toBe(1);
    expect(clock.timers).toBe(0);
  });

  it('reports no failed renewal once it is closed', async () => {
    const { clock, store, keeper, failures } = await keep();
    store.script.next('renew', { takesMs: 500, fail: down });
    await clock.advance(LEASE_MS / 3 + 100);
    await clock.outcome(keeper.close());
    expect(failures).toEqual([]);
  });
});

describe('changing what a lease covers', () => {
  it('never overlaps with a renewal', async () => {
    const { clock, store, keeper } = await keep();
    const before = keeper.lease;
    const busy: string[] = [];
    store.script.next('renew', { takesMs: 500, meanwhile: () => void busy.push('renew') });
    await clock.advance(LEASE_MS / 3 + 100);
    const changed = keeper.change(async (lease) => {
      busy.push('change begins');
      await clock.sleep(LEASE_MS / 2);
      busy.push('change ends');
      return { ...lease };
    });
    await expect(clock.outcome(changed)).resolves.toBe(true);
    expect(busy).toEqual(['renew', 'change begins', 'change ends']);
    expect(keeper.lease).not.toBe(before);
    await clock.advance(30_000);
    expect(keeper.usable).toBe(true);
  });

  it('renews on time afterwards', async () => {
    const { clock, store, keeper } = await keep();
    await clock.advance(1_000);
    await clock.outcome(keeper.change(async (lease) => lease));
    await clock.advance(LEASE_MS / 3 - 1_000);
    expect(store.script.calls('renew')).toBe(1);
  });

  it('tells when nothing is left', async () => {
    const { clock, keeper } = await keep();
    await expect(clock.outcome(keeper.change(async () => null))).resolves.toBe(false);
  });

  it('renews on time after a change that failed', async () => {
    const { clock, store, keeper } = await keep();
    await expect(clock.outcome(keeper.change(() => Promise.reject(down)))).rejects.toBe(down);
    await clock.advance(30_000);
    expect(keeper.usable).toBe(true);
    expect(store.script.calls('renew')).toBe(10);
  });

  it('does nothing once the renewal before it found the lease lost', async () => {
    const { clock, store, keeper } = await keep();
    store.script.next('renew', { takesMs: 500 });
    await clock.advance(LEASE_MS / 3 + 100);
    store.model.takeAway();
    let called = false;
    const changed = keeper.change(async (lease) => {
      called = true;
      return lease;
    });
    await expect(clock.outcome(changed)).resolves.toBe(false);
    expect(called).toBe(false);
  });

  it('that outlasts the lease leaves it unusable', async () => {
    const { clock, keeper } = await keep();
    const changed = keeper.change(async (lease) => {
      await clock.sleep(LEASE_MS);
      return lease;
    });
    await clock.outcome(changed);
    expect(keeper.usable).toBe(false);
  });
});
