import { describe, expect, it } from 'vitest';
import { createRelay } from '../../src/relay/relay.ts';
import { ACCEPTED } from '../../src/transport.ts';
import { many, newMessage } from '../support/messages.ts';
import { rig } from '../support/rig.ts';
import { scriptedRandom, seededRandom } from '../support/scripted-random.ts';
import { ScriptedStore } from '../support/scripted-store.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';

const failed = { status: 'failed', error: new Error('busy') } as const;

describe('R3 Retry', () => {
  it('transient failure backs off with jitter and a cap', async () => {
    const { relay, clock, store, transport } = rig({
      relay: {
        retry: { minDelayMs: 100, maxDelayMs: 2_000, maxAttempts: 50, jitter: 0.5 },
        breaker: { failures: 1_000 },
        random: seededRandom(7),
      },
    });
    transport.outcome = () => failed;
    store.commit(newMessage());
    relay.start();
    await clock.until(() => store.model.recorded.length === 12);
    const waits = store.model.recorded.map(({ delayMs }) => delayMs ?? 0);
    for (const [index, wait] of waits.entries()) {
      const full = Math.min(2_000, 100 * 2 ** index);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full);
    }
    expect(new Set(waits.slice(-6)).size).toBe(6);
    const gaps = transport.calls
      .slice(1)
      .map(({ atMs }, index) => atMs - (transport.calls[index]?.atMs ?? 0));
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(waits[index] ?? 0);
    await clock.outcome(relay.stop());
  });

  it('permanent goes dead at once', async () => {
    const { relay, clock, store, transport, eventsOf } = rig();
    transport.outcome = () => ({ status: 'rejected', error: new Error('no such table') });
    store.commit(newMessage({ id: 'm' }));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(transport.calls).toHaveLength(1);
    expect(store.model.recorded).toMatchObject([{ id: 'm', outcome: 'dead', reason: 'rejected' }]);
    expect(eventsOf('message-dead')).toMatchObject([
      { message: { id: 'm' }, reason: 'rejected', error: 'no such table' },
    ]);
    await clock.outcome(relay.stop());
  });

  it('attempts exhausted goes dead with an event', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({ relay: { retry: { maxAttempts: 3 } } });
    transport.outcome = () => failed;
    store.commit(newMessage({ id: 'm' }));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(store.model.recorded.map(({ outcome }) => outcome)).toEqual(['retry', 'retry', 'dead']);
    expect(eventsOf('message-dead')).toMatchObject([
      { message: { id: 'm', attempt: 3 }, reason: 'attempts-exhausted', error: 'busy' },
    ]);
    await clock.outcome(relay.stop());
  });

  it('throttling honoured', async () => {
    const { relay, clock, store, transport } = rig();
    let calls = 0;
    transport.outcome = () => (++calls === 1 ? { ...failed, retryAfterMs: 45_000 } : ACCEPTED);
    store.commit(newMessage());
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    const [first, second] = transport.calls.map(({ atMs }) => atMs);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(45_000);
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(45_500);
    await clock.outcome(relay.stop());
  });

  it('a message that kills the process is bounded', async () => {
    const { clock, store: first } = rig();
    const { model } = first;
    model.append(many(20, (index) => ({ id: index === 10 ? 'killer' : `m${index}`, key: `k${index}` })));
    const delivered: string[] = [];
    let deaths = 0;
    // One process after the other; each dies when the message is about to be sent, with all of its batch.
    while (model.rows.size > 0 && deaths < 100) {
      const store = new ScriptedStore(clock, { model });
      const transport = new ScriptedTransport(clock);
      let dead = false;
      transport.publish = async (messages) => {
        if (messages.some(({ id }) => id === 'killer')) {
          dead = true;
          store.crash();
          return new Promise(() => {});
        }
        delivered.push(...messages.map(({ id }) => id));
        return messages.map(() => ACCEPTED);
      };
      const random = scriptedRandom();
      const token = (): string => `${deaths}${random.token()}`;
      const relay = createRelay({
        store,
        transport,
        clock,
        lanes: 1,
        random: { unit: () => 0.5, token },
        retry: { maxAttempts: 5 },
      });
      relay.start();
      await clock.until(() => dead || model.rows.size === 0);
      if (dead) deaths++;
      else await clock.outcome(relay.stop());
    }
    // The first death takes the whole batch with it, without charging anybody; then the message dies alone, five times.
    expect(deaths).toBe(6);
    expect(model.recorded.filter(({ outcome }) => outcome === 'dead')).toMatchObject([
      { id: 'killer', reason: 'attempts-exhausted' },
    ]);
    expect(new Set(delivered).size).toBe(19);
    expect(model.ids('accepted')).toHaveLength(19);
  });

  it('a message that makes its transport throw takes no neighbour to the dead letters', async () => {
    const { relay, clock, store, transport } = rig({ relay: { retry: { maxAttempts: 6, jitter: 0 } } });
    transport.outcome = ({ id }) => {
      if (id === 'unwritable') throw new TypeError('the serializer is broken');
      return ACCEPTED;
    };
    store.commit(...many(200, (index) => ({ id: index === 150 ? 'unwritable' : `m${index}` })));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(store.model.ids('dead')).toEqual(['unwritable']);
    expect(store.model.ids('accepted')).toHaveLength(199);
    await clock.outcome(relay.stop());
  });

  it('a row that cannot be decoded becomes a dead letter; its neighbours pass', async () => {
    const { relay, clock, store, transport } = rig();
    store.commit(newMessage({ id: 'a' }), newMessage({ id: 'b' }));
    const row = store.model.rows.get('a');
    if (row !== undefined) row.undecodable = 'headers are no JSON object';
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(transport.storedIds).toEqual(['b']);
    expect(store.model.recorded).toMatchObject([{ id: 'b' }, { id: 'a', reason: 'undecodable' }]);
    await clock.outcome(relay.stop());
  });
});
