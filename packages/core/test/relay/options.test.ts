import { describe, expect, it } from 'vitest';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { type RelayOptions, readRelayOptions } from '../../src/relay/options.ts';
import { ScriptedStore, type ScriptedStoreOptions } from '../support/scripted-store.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const clock = new VirtualClock();
const store = new ScriptedStore(clock);
const transport = new ScriptedTransport(clock);

describe('readRelayOptions', () => {
  it('has the documented defaults', () => {
    const { name, ...settings } = readRelayOptions({ store, transport });
    expect(name).toMatch(new RegExp(`^.+:${process.pid}$`));
    expect(settings).toMatchObject({
      routes: { '*': transport },
      topics: {},
      lanes: 3,
      batch: { messages: 1_000, bytes: 8_388_608 },
      leaseMs: 10_000,
      lingerMs: 0,
      poll: { minMs: 5, maxMs: 250 },
      publishTimeoutMs: 120_000,
      wakeups: true,
      purgeIntervalMs: 60_000,
      onEvent: undefined,
      clock: systemClock,
      random: systemRandom,
    });
  });

  it('uses one lane where one lease is all there is', () => {
    const single = new ScriptedStore(clock, { capabilities: { leaseScope: 'store' } });
    expect(readRelayOptions({ store: single, transport, lanes: 8 }).lanes).toBe(1);
    expect(readRelayOptions({ store, transport, lanes: 8 }).lanes).toBe(8);
  });

  it('does not linger with a lease that may miss new work', () => {
    const lingerOf = (options: ScriptedStoreOptions): number =>
      readRelayOptions({ store: new ScriptedStore(clock, options), transport, lingerMs: 500 }).lingerMs;
    expect(lingerOf({ capabilities: { leaseScope: 'key' } })).toBe(0);
    expect(lingerOf({ capabilities: { leaseScope: 'partitioned' } })).toBe(0);
    expect(lingerOf({ capabilities: { leaseScope: 'partitioned' }, facets: ['sharing'] })).toBe(500);
    expect(lingerOf({ capabilities: { leaseScope: 'store' } })).toBe(500);
  });

  it.each<[string, object, RegExp]>([
    [
      'neither transport nor routes',
      { store },
      /give either "transport", for everything, or "routes", by topic/,
    ],
    ['both transport and routes', { store, transport, routes: { a: transport } }, /give either "transport"/],
    ['no store', { transport }, /Expected a store such as/],
    ['an unknown option', { store, transport, lane: 2 }, /createRelay has no option "lane"/],
    ['null as routes', { store, routes: null }, /option "routes" must be an object; got null/],
    ['a list as topics', { store, transport, topics: [] }, /option "topics" must be an object; got an array/],
    ['null as batch', { store, transport, batch: null }, /option "batch" to get an options object; got null/],
    [
      'a batch of nothing',
      { store, transport, batch: { messages: 0 } },
      /option "messages" must be a whole number/,
    ],
    ['too many lanes', { store, transport, lanes: 65 }, /option "lanes" must be a whole number from 1 to 64/],
    ['a short lease', { store, transport, leaseMs: 99 }, /option "leaseMs" must be a whole number from 100/],
    ['a text for a switch', { store, transport, wakeups: 'false' }, /option "wakeups" must be true or false/],
    ['crossed polls', { store, transport, poll: { minMs: 9, maxMs: 5 } }, /"minMs" must not exceed "maxMs"/],
    ['null as poll', { store, transport, poll: null }, /option "poll" to get an options object; got null/],
    ['a listener that is none', { store, transport, onEvent: {} }, /option "onEvent" must be a function/],
    ['an empty name', { store, transport, name: '' }, /option "name" must be a text that is not empty/],
    [
      'a clock that is none',
      { store, transport, clock: {} },
      /option "clock" must have the methods monotonicMs, setTimer, yield; got an object/,
    ],
    [
      'a chance that is none',
      { store, transport, random: null },
      /option "random" must have the methods unit, token; got null/,
    ],
  ])('refuses %s', (_, options, text) => {
    expect(() => readRelayOptions(options as RelayOptions)).toThrow(TypeError);
    expect(() => readRelayOptions(options as RelayOptions)).toThrow(text);
  });

  it.each(['batch', 'poll', 'retry', 'breaker', 'topics'])('takes undefined for absent: %s', (name) => {
    expect(() => readRelayOptions({ store, transport, [name]: undefined })).not.toThrow();
  });
});
