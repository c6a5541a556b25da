import type { Figures } from './contender.ts';

/** Times work on messages: how long it takes for each of them. */
export async function perMessage(messages: number, work: () => Promise<void>): Promise<Figures> {
  const startedAt = performance.now();
  await work();
  return { µs: ((performance.now() - startedAt) * 1_000) / messages };
}
