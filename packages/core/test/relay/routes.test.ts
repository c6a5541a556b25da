import { describe, expect, it } from 'vitest';
import { guardTransport } from '../../src/guard/guard-transport.ts';
import { Routes } from '../../src/relay/routes.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const clock = new VirtualClock();
const one = new ScriptedTransport(clock, { name: 'one' });
const two = new ScriptedTransport(clock, { name: 'two' });
const [guardedOne, guardedTwo] = [guardTransport(one), guardTransport(two)];

describe('Routes', () => {
  it('sends each topic to the transport of its most specific route (R9.1)', () => {
    const routes = new Routes({ '*': one, 'mail.*': two, 'mail.urgent': one });
    expect(routes.of('order')).toBe(guardedOne);
    expect(routes.of('mail.welcome')).toBe(guardedTwo);
    expect(routes.of('mail.urgent')).toBe(guardedOne);
    expect(new Routes({ mail: two }).of('order')).toBeUndefined();
  });

  it('knows each transport once', () => {
    expect(new Routes({ a: one, b: one, c: two }).transports).toEqual([guardedOne, guardedTwo]);
  });

  it('needs a route, and transports', () => {
    expect(() => new Routes({})).toThrow(/give a "transport", or "routes" with at least one topic pattern/);
    expect(() => new Routes({ a: 'redis' })).toThrow(/Expected a transport/);
  });

  it('asks a store for no more than it has to', () => {
    expect(new Routes({ '*': one }).filter().kind).toBe('all');
    const names = new Routes({ a: one, b: two }).filter();
    expect([names.kind, names.names]).toEqual(['names', ['a', 'b']]);
    const patterns = new Routes({ 'a.*': one, b: two }).filter();
    expect(patterns.kind).toBe('patterns');
    expect(['a.x', 'b', 'c'].map((topic) => patterns.matches(topic))).toEqual([true, true, false]);
  });

  it('leaves out what is not accepted at the moment', () => {
    const notTwo = new Routes({ a: one, b: two }).filter((_, transport) => transport !== guardedTwo);
    expect(notTwo.names).toEqual(['a']);
    const rest = new Routes({ '*': one }).filter((topic) => topic !== 'broken');
    expect(rest.kind).toBe('patterns');
    expect(['fine', 'broken'].map((topic) => rest.matches(topic))).toEqual([true, false]);
  });
});
