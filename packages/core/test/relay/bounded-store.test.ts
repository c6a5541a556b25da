import { describe, expect, it } from 'vitest';
import { guardStore } from '../../src/guard/guard-store.ts';
import { boundStore, STORE_ANSWER_MS } from '../../src/relay/bounded-store.ts';
import type { OutboxStore } from '../../src/store.ts';
import { ALL_TOPICS } from '../../src/topics.ts';
import { newMessage } from '../support/messages.ts';
import { ScriptedStore, type StoreVerb } from '../support/scripted-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const request = { token: 't', relay: 'r', leaseMs: 100_000, topics: ALL_TOPICS };
const lease = { token: 't', state: [] };
const nothing = { accepted: [], retry: [], dead: [], returned: [] };

function setUp(): { clock: VirtualClock; scripted: ScriptedStore; store: OutboxStore } {
  const clock = new VirtualClock();
  const scripted = new ScriptedStore(clock, { facets: ['sharing', 'maintenance', 'wakeups'] });
  return { clock, scripted, store: boundStore(guardStore(scripted), clock) };
}

const calls: Record<Exclude<StoreVerb, 'listen' | 'unlisten'>, (store: OutboxStore) => Promise<unknown>> = {
  claim: (store) => store.claim(request),
  read: (store) => store.read(lease, { messages: 1, bytes: 1, topics: ALL_TOPICS }),
  settle: (store) => store.settle(lease, nothing),
  renew: (store) => store.renew(lease, 100),
  release: (store) => store.release('t'),
  handOver: async (store) => store.sharing?.handOver(lease),
  widen: async (store) => store.sharing?.widen(lease, { relay: 'r', leaseMs: 100 }),
  purge: async (store) => store.maintenance?.purge({ limit: 1 }),
};
const verbs = Object.keys(calls) as (keyof typeof calls)[];

describe('boundStore', () => {
  it.each(verbs)('passes %s on, and leaves no timer', async (verb) => {
    const { clock, scripted, store } = setUp();
    await clock.outcome(calls[verb](store));
    expect(scripted.script.calls(verb)).toBe(1);
    expect(clock.timers).toBe(0);
  });

  it.each(verbs)(
    'gives up on a %s that never answers, as if the store could not be reached',
    async (verb) => {
      const { clock, scripted, store } = setUp();
      scripted.script.always(verb, { hang: 'before' });
      await expect(clock.outcome(calls[verb](store))).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        retryable: true,
        message: `The store "scripted" did not answer ${verb} within 60000 ms.`,
      });
      expect(clock.monotonicMs()).toBe(STORE_ANSWER_MS);
    },
  );

  it('gives back a lease that comes when nobody waits for it any more', async () => {
    const { clock, scripted, store } = setUp();
    scripted.commit(newMessage());
    scripted.script.next('claim', { takesMs: STORE_ANSWER_MS + 5_000 });
    await expect(clock.outcome(store.claim(request))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await clock.until(() => scripted.model.held);
    await clock.until(() => !scripted.model.held);
    expect(scripted.script.calls('release')).toBe(1);
  });

  it('ignores that such a release fails', async () => {
    const { clock, scripted, store } = setUp();
    scripted.commit(newMessage());
    scripted.script.next('claim', { takesMs: STORE_ANSWER_MS + 5_000 });
    scripted.script.always('release', { fail: new Error('down') });
    await expect(clock.outcome(store.claim(request))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await clock.until(() => scripted.script.calls('release') === 1);
    await clock.advance(10);
  });

  it('leaves out the facets that the store leaves out', () => {
    const bare = boundStore(guardStore(new ScriptedStore(new VirtualClock())), new VirtualClock());
    expect([bare.sharing, bare.maintenance, bare.wakeups]).toEqual([undefined, undefined, undefined]);
    expect(setUp().store.wakeups).toBeDefined();
  });
});
