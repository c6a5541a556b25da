import { describe, expect, it } from 'vitest';
import type { RelayEvent } from '../../src/events.ts';
import type { Decision } from '../../src/relay/decide.ts';
import { reportBatch } from '../../src/relay/report.ts';
import type { SettleReport } from '../../src/store.ts';
import { claimed } from '../support/messages.ts';

const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((id) => claimed({ id }));
const decision = {
  settlements: {
    accepted: [a, b],
    retry: [{ message: c, delayMs: 5, error: 'busy' }],
    dead: [{ message: d, reason: 'rejected', error: 'no', block: false }],
    returned: [e],
  },
  duplicates: 1,
} as Decision;

function eventsOf(fields: Partial<SettleReport>): RelayEvent[] {
  const events: RelayEvent[] = [];
  const report = { settled: 5, alreadySettled: [], lost: [], unknown: [], wanted: false, ...fields };
  reportBatch((event) => events.push(event), 2, decision, report, { publishMs: 7, settleMs: 3 });
  return events;
}

describe('reportBatch', () => {
  it('tells each message that failed or died, then the batch', () => {
    expect(eventsOf({})).toEqual([
      { type: 'message-retry', message: c, error: 'busy', delayMs: 5 },
      { type: 'message-dead', message: d, reason: 'rejected', error: 'no' },
      {
        type: 'batch-settled',
        lane: 2,
        accepted: [a, b],
        duplicates: 1,
        retried: 1,
        dead: 1,
        returned: 1,
        publishMs: 7,
        settleMs: 3,
      },
    ]);
  });

  it('tells nothing of outcomes that were refused (R1.6)', () => {
    const events = eventsOf({ settled: 1, lost: ['a', 'c', 'd'], alreadySettled: ['b'] });
    expect(events).toMatchObject([{ type: 'batch-settled', accepted: [b], retried: 0, dead: 0 }]);
  });

  it('tells of messages that the store had yielded and denies', () => {
    const events = eventsOf({ settled: 4, unknown: ['a'] });
    expect(events.at(-1)).toMatchObject({
      type: 'store-failed',
      during: 'settle',
      error: { code: 'ADAPTER_CONTRACT', message: expect.stringMatching(/1 messages as unknown .*: "a"\./) },
    });
    expect(events.filter(({ type }) => type === 'batch-settled')).toMatchObject([{ accepted: [b] }]);
  });
});
