import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfirmedPrefix, type Stretch } from '../../src/log/confirmed-prefix.ts';

describe('ConfirmedPrefix', () => {
  it('moves on by itself while there are no messages', () => {
    const prefix = new ConfirmedPrefix();
    expect(prefix.position).toBeNull();
    prefix.reached(5n);
    prefix.reached(9n);
    expect(prefix.position).toBe(9n);
  });

  it('waits for the first message that is outstanding, and for the end of its transaction', () => {
    const prefix = new ConfirmedPrefix();
    const first = prefix.add();
    const second = prefix.add();
    prefix.done(first);
    prefix.done(second);
    expect(prefix.position).toBeNull();
    prefix.reached(10n);
    expect(prefix.position).toBe(10n);
  });

  it('tells 64-bit positions apart across the boundary of 4 GiB', () => {
    const prefix = new ConfirmedPrefix();
    prefix.reached(0xffff_fff0n);
    const stretch = prefix.add();
    prefix.reached(0x1_0000_0010n);
    expect(prefix.position).toBe(0xffff_fff0n);
    prefix.done(stretch);
    expect(prefix.position).toBe(0x1_0000_0010n);
  });

  it('never goes back after a restart', () => {
    const prefix = new ConfirmedPrefix();
    prefix.reached(20n);
    prefix.add();
    prefix.restart();
    prefix.reached(10n);
    expect(prefix.position).toBe(20n);
  });

  it('is always the end of what is done from the start on, whatever the order', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: fc.integer({ min: 1, max: 3 }) }),
        fc.constant({ reach: true }),
        fc.record({ done: fc.nat() }),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (course) => {
        const prefix = new ConfirmedPrefix();
        // The model: every message and the position of the end of its stretch, once that is known.
        const messages: { stretch: Stretch; done: boolean; end: bigint | null }[] = [];
        const ends: bigint[] = [];
        let position = 0n;
        for (const step of course) {
          if ('add' in step) {
            for (let count = 0; count < step.add; count++)
              messages.push({ stretch: prefix.add(), done: false, end: null });
          } else if ('reach' in step) {
            position += 10n;
            ends.push(position);
            for (const message of messages) message.end ??= position;
            prefix.reached(position);
          } else {
            const open = messages.filter(({ done }) => !done);
            const message = open[step.done % Math.max(1, open.length)];
            if (message === undefined) continue;
            message.done = true;
            prefix.done(message.stretch);
          }
          const undone = messages.find(({ done }) => !done);
          const isOpen = messages.some(({ end }) => end === null);
          const limit = undone?.end ?? (isOpen ? null : position + 1n);
          const expected = ends.findLast((end) => limit === null || end < limit) ?? null;
          // While a stretch is open its predecessors may be confirmed, never itself.
          expect(prefix.position).toBe(expected);
        }
      }),
    );
  });
});
