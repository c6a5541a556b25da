import { describe, expect, it } from 'vitest';
import { Totals } from '../../src/relay/totals.ts';
import { claimed } from '../support/messages.ts';

describe('Totals', () => {
  it('adds up settled batches and nothing else', () => {
    const totals = new Totals();
    const batch = {
      type: 'batch-settled',
      lane: 0,
      duplicates: 1,
      returned: 1,
      publishMs: 1,
      settleMs: 1,
    } as const;
    totals.add({ ...batch, accepted: [claimed(), claimed()], retried: 3, dead: 4 });
    totals.add({ ...batch, accepted: [claimed()], retried: 0, dead: 1 });
    totals.add({ type: 'message-dead', message: claimed(), reason: 'rejected', error: 'x' });
    expect(totals.counts()).toEqual({ accepted: 3, retried: 3, dead: 5 });
  });
});
