import { errorText, fault, good, type Transport } from '@outrelay/core';
import { duration } from '../terminal/figures.ts';
import type { Section } from './report.ts';

/** Milliseconds that a broker may take to answer. */
const ANSWER_MS = 5_000;

/** Asks a transport whether its broker answers; no message is sent. */
export async function transportSection(transport: Transport, label: string): Promise<Section> {
  const of = `transport ${label}`;
  if (transport.connectivity === undefined) {
    return { of, findings: [good('answers', 'it cannot be asked: it has no connectivity facet')] };
  }
  const startedAt = performance.now();
  try {
    await transport.connectivity.check(AbortSignal.timeout(ANSWER_MS));
    return { of, findings: [good('answers', `in ${duration(performance.now() - startedAt)}`)] };
  } catch (error) {
    const finding = fault('answers', {
      seen: errorText(error),
      expected: `an answer within ${duration(ANSWER_MS)}`,
      remedy: 'Correct the URL, or start the broker; relays wait for it and spend no attempts meanwhile.',
    });
    return { of, findings: [finding], unreachable: true };
  }
}
