import { describe, expect, it } from 'vitest';
import { LogWindow, type WindowEntry } from '../../src/log/log-window.ts';
import { claimed } from '../support/messages.ts';

const entries = (count: number, bytes = 1): WindowEntry[] =>
  Array.from({ length: count }, (_, at) => ({
    entry: { message: claimed({ id: String(at) }), bytes, transaction: null },
    stretch: { end: null, outstanding: 1 },
  }));
const ids = (some: readonly WindowEntry[]): string[] => some.map(({ entry }) => entry.message.id);

/** Whether the promise has resolved by now. */
async function isResolved(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([
    promise.then(() => true),
    new Promise((end) => setImmediate(() => end(false))),
  ])) as boolean;
}

describe('LogWindow', () => {
  it('gives its entries in order, within bounds, and at least one', () => {
    const window = new LogWindow({ messages: 10, bytes: 100 });
    void window.add(entries(5, 10));
    expect(ids(window.first({ messages: 3, bytes: 100 }))).toEqual(['0', '1', '2']);
    expect(ids(window.first({ messages: 3, bytes: 20 }))).toEqual(['0', '1']);
    expect(ids(window.first({ messages: 3, bytes: 1 }))).toEqual(['0']);
    expect(window.size).toBe(5);
    expect(ids(window.take(2))).toEqual(['0', '1']);
    expect(ids(window.first({ messages: 1, bytes: 1 }))).toEqual(['2']);
  });

  it.each([
    ['messages', { messages: 2, bytes: 1_000 }],
    ['bytes', { messages: 1_000, bytes: 20 }],
  ])('makes whoever fills it wait while it is full, by %s', async (_, bounds) => {
    const window = new LogWindow(bounds);
    expect(await isResolved(window.add(entries(1, 10)))).toBe(true);
    const full = window.add(entries(1, 10));
    expect(await isResolved(full)).toBe(false);
    window.take(1);
    expect(await isResolved(full)).toBe(true);
  });
});
