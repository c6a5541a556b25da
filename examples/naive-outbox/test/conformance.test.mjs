import { runConformance } from '@outrelay/conformance';
import { expect, it } from 'vitest';
import { harness } from '../harness.mjs';

it('loses, repeats and reorders, and the suite says where', { timeout: 300_000 }, async () => {
  const broken = new Set();
  const kept = new Set();
  for await (const { id, status } of runConformance(harness)) {
    if (status === 'failed') broken.add(id);
    if (status === 'passed') kept.add(id);
  }
  // It is an outbox: what commits is there, what is rolled back is not.
  for (const id of ['S1.1', 'S1.5', 'S2.3', 'S4.2'])
    expect([...kept].filter((passed) => !broken.has(passed))).toContain(id);
  // Lost, twice, out of order, changed on the way.
  for (const id of ['S1.9', 'S1.11', 'S2.8', 'S3.8', 'S3.11', 'S4.3', 'S4.10'])
    expect([...broken]).toContain(id);
});
