import { describe, expect, it } from 'vitest';
import type { ClaimedMessage } from '../../src/message.ts';
import { type Dispatched, dispatch } from '../../src/relay/dispatch.ts';
import { Routes } from '../../src/relay/routes.ts';
import { claimed } from '../support/messages.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const clock = new VirtualClock();
const { signal } = new AbortController();
const batch = ['mail.a', 'order', 'mail.b', 'order'].map((topic, index) =>
  claimed({ id: String(index), topic }),
);

function run(
  routes: Record<string, ScriptedTransport>,
  messages: readonly ClaimedMessage[],
): Promise<Dispatched> {
  return clock.outcome(
    dispatch(new Routes(routes), messages, {
      signals: [signal],
      clock,
      timeoutMs: 60_000,
      mayBegin: () => true,
      retriesAlone: false,
    }),
  );
}

describe('dispatch', () => {
  it('sends each message through the transport of its topic and puts the results in order (R9.1)', async () => {
    const mail = new ScriptedTransport(clock, { name: 'mail' });
    const rest = new ScriptedTransport(clock, { name: 'rest' });
    rest.outcome = ({ id }) => (id === '3' ? { status: 'duplicate' } : { status: 'accepted' });
    mail.outcome = ({ id }) => (id === '2' ? { status: 'rejected', error: 'no' } : { status: 'accepted' });
    const { results, unavailable } = await run({ '*': rest, 'mail.*': mail }, batch);
    expect(results.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'rejected', 'duplicate']);
    expect(unavailable).toEqual([]);
    expect(mail.calls.map(({ ids }) => ids)).toEqual([['0', '2']]);
    expect(rest.calls.map(({ ids }) => ids)).toEqual([['1', '3']]);
  });

  it('uses all transports at the same time', async () => {
    const slow = new ScriptedTransport(clock, { takesMs: 1_000 });
    const other = new ScriptedTransport(clock, { takesMs: 1_000 });
    const begin = clock.monotonicMs();
    await run({ 'mail.*': slow, order: other }, batch);
    expect(clock.monotonicMs() - begin).toBe(1_000);
  });

  it('hands the whole batch on when it goes one way', async () => {
    const only = new ScriptedTransport(clock);
    const unused = new ScriptedTransport(clock);
    const { results } = await run({ '*': only, other: unused }, batch);
    expect(results).toHaveLength(4);
    expect(only.calls.at(-1)?.ids).toEqual(['0', '1', '2', '3']);
    expect(unused.calls).toEqual([]);
    await run({ first: unused, '*': only }, batch);
    expect(only.calls).toHaveLength(2);
  });

  it('tells which transports are out of reach, and what the others did', async () => {
    const down = new ScriptedTransport(clock, { name: 'down' });
    const fine = new ScriptedTransport(clock, { name: 'fine' });
    down.reachable = false;
    const { results, unavailable } = await run({ 'mail.*': down, order: fine }, batch);
    expect(results.map(({ status }) => status)).toEqual(['withheld', 'accepted', 'withheld', 'accepted']);
    expect(unavailable.map(({ transport, error }) => [transport.name, error.code])).toEqual([
      ['down', 'TRANSPORT_UNAVAILABLE'],
    ]);
  });
});
