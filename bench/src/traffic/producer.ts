import { setTimeout as sleep } from 'node:timers/promises';
import process from 'node:process';
import { createOutbox } from '@outrelay/core';
import type { Setting } from '../harness/contender.ts';
import { orderOf, keyOf, TOPIC } from '../workload.ts';
import { type Application, applicationOf } from './application.ts';

/** What the process is told: to append so many messages, so many a second, each in a transaction of its own. */
export interface ProducerTask {
  readonly setting: Setting;
  readonly perSecond: number;
}

/** A message id with a time of the clock that all processes of a machine share. */
export type Moment = readonly [id: string, nanoseconds: string];

/** The process of an application; answers with the moments at which its transactions had committed. */
async function produce({ setting, perSecond }: ProducerTask): Promise<readonly Moment[]> {
  const application: Application = await applicationOf(setting);
  const outbox = createOutbox({ store: application.store });
  const moments: Moment[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < setting.messages; n++) {
    const dueInMs = startedAt + (n * 1_000) / perSecond - performance.now();
    if (dueInMs > 0) await sleep(dueInMs);
    const id = `traffic-${n}`;
    await application.transaction((tx) =>
      outbox.append(tx, { id, topic: TOPIC, key: keyOf(n), payload: orderOf(n) }),
    );
    moments.push([id, String(process.hrtime.bigint())]);
  }
  await application.close();
  return moments;
}

process.once('message', (task: ProducerTask) => {
  produce(task).then(
    (moments) => process.send?.({ moments }, undefined, undefined, () => process.disconnect()),
    (error: unknown) =>
      process.send?.({ error: String((error as Error).stack) }, undefined, undefined, () =>
        process.disconnect(),
      ),
  );
});
