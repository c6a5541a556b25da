import process from 'node:process';
import { Redis } from 'ioredis';
import { TOPIC } from '../workload.ts';
import type { Moment } from './producer.ts';

/** What the process is told: to wait for so many messages. */
export interface ConsumerTask {
  readonly url: string;
  readonly messages: number;
}

/** The process of a consumer; answers with the moments at which messages had arrived from the broker. */
async function consume({ url, messages }: ConsumerTask): Promise<readonly Moment[]> {
  const redis = new Redis(url);
  await redis.ping();
  process.send?.({ ready: true });
  const moments: Moment[] = [];
  let after = '0';
  while (moments.length < messages) {
    const streams = await redis.xread('COUNT', 1_000, 'BLOCK', 10_000, 'STREAMS', TOPIC, after);
    const now = String(process.hrtime.bigint());
    for (const [entry, fields] of streams?.[0]?.[1] ?? []) {
      after = entry;
      moments.push([fields[fields.indexOf('id') + 1] as string, now]);
    }
    if (streams === null) throw new Error(`Only ${moments.length} of ${messages} messages arrived.`);
  }
  redis.disconnect();
  return moments;
}

process.once('message', (task: ConsumerTask) => {
  consume(task).then(
    (moments) => process.send?.({ moments }, undefined, undefined, () => process.disconnect()),
    (error: unknown) =>
      process.send?.({ error: String((error as Error).stack) }, undefined, undefined, () =>
        process.disconnect(),
      ),
  );
});
