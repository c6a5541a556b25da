import { type Harness, resultName, runConformance } from '@outrelay/conformance';
import { expect, it } from 'vitest';
import { brokerHarness, forgetful } from '../lab/broker-harness.ts';
import { honestDialect } from '../lab/broker-transport.ts';
import { fullHarness } from '../lab/full-harness.ts';
import { partitionedHarness } from '../lab/partitioned-harness.ts';
import { queueHarness } from '../lab/queue-harness.ts';

const LABS: Record<string, Harness> = {
  full: fullHarness(),
  shared: partitionedHarness({ partitions: 8, append: 'async' }),
  single: partitionedHarness({ partitions: 1, append: 'sync' }),
  broker: brokerHarness(),
  careless: brokerHarness(undefined, { ...honestDialect, withholds: false }),
  forgetful: brokerHarness(undefined, forgetful.dialect, forgetful.manifest),
  queue: queueHarness(),
  flagging: queueHarness(undefined, undefined, { redelivery: 'flagged' }),
};

it.each(Object.entries(LABS))(
  'the honest adapter on the %s lab keeps every clause that binds it',
  async (_name, harness) => {
    const broken: string[] = [];
    for await (const result of runConformance(harness)) {
      if (result.status === 'failed') broken.push(result.detail ?? resultName(result));
    }
    expect(broken.join('\n')).toBe('');
  },
);
