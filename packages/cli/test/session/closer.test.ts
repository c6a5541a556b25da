import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Closer } from '../../src/session/closer.ts';
import { Screen } from '../support/screen.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Closer', () => {
  it('closes transports before stores, each once, whatever fails', async () => {
    const screen = new Screen();
    const closer = new Closer(screen.output());
    const closed: string[] = [];
    const store = { name: 'db', close: async () => void closed.push('store') };
    closer.add('store', store);
    closer.add('store', store);
    closer.add('transport', { name: 'hook', close: () => Promise.reject(new Error('busy')) });
    closer.add('transport', { name: 'other', close: async () => void closed.push('transport') });
    await closer.close();
    expect(closed).toEqual(['transport', 'store']);
    expect(screen.lines()).toEqual(['warning: the transport "hook" could not be closed: busy']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait for ever for one whose connections have gone silent', async () => {
    const screen = new Screen();
    const closer = new Closer(screen.output());
    let closed = false;
    closer.add('transport', { name: 'hook', close: () => new Promise(() => {}) });
    closer.add('store', { name: 'db', close: async () => void (closed = true) });
    const closing = closer.close();
    await vi.runAllTimersAsync();
    await closing;
    expect(closed).toBe(true);
    expect(screen.lines()).toEqual(['warning: the transport "hook" was not closed within 5.0 s']);
  });
});
