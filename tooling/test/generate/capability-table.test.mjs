import { describe, expect, it } from 'vitest';
import { capabilityTable } from '../../generate/capability-table.mjs';

describe('capabilityTable', () => {
  it('has a row per adapter, a column per capability, limits last and with their unit', () => {
    const table = capabilityTable([
      {
        name: 'a',
        folder: 'packages/store-a',
        capabilities: { limits: { maxPayloadBytes: 1_572_864, maxMessages: 10_000 }, leaseScope: 'key' },
      },
      {
        name: 'b',
        folder: 'packages/store-b',
        capabilities: {
          limits: { maxPayloadBytes: Number.MAX_SAFE_INTEGER },
          leaseScope: 'store',
          extra: true,
        },
      },
    ]);
    expect(table.split('\n')).toEqual([
      '|  | lease scope | extra | max payload | max messages |',
      '| --- | --- | --- | --- | --- |',
      '| [a](packages/store-a) | key | – | 1.5 MiB | 10,000 |',
      '| [b](packages/store-b) | store | true | unlimited | – |',
      '',
    ]);
  });
});
