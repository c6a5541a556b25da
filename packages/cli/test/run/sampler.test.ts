import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Sampler } from '../../src/run/sampler.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const status = { topics: [], holders: [] };

it('looks again and again, and not after it was stopped', async () => {
  let looks = 0;
  const inspection = { status: async () => status, find: async () => [] };
  const sampler = new Sampler(inspection, 2_000, () => looks++);
  sampler.start(250);
  await vi.advanceTimersByTimeAsync(4_500);
  expect(looks).toBe(3);
  await sampler.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('waits for a look under way when it is stopped, but not for a database that is silent', async () => {
  const told: unknown[] = [];
  const inspection = { status: () => new Promise<typeof status>(() => {}), find: async () => [] };
  const sampler = new Sampler(inspection, 2_000, (seen) => told.push(seen));
  sampler.start(250);
  await vi.advanceTimersByTimeAsync(300);
  const stopped = sampler.stop();
  await vi.runAllTimersAsync();
  await stopped;
  expect([told.length, vi.getTimerCount()]).toEqual([0, 0]);
});
