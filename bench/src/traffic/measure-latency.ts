import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Figures, type Setting, urlOf } from '../harness/contender.ts';
import { percentile } from '../harness/statistics.ts';
import type { ConsumerTask } from './consumer.ts';
import type { Moment, ProducerTask } from './producer.ts';

const PER_SECOND = 200;
const NANOSECONDS_PER_MS = 1_000_000;

type Report = { ready: true } | { moments: readonly Moment[] } | { error: string };

/**
 * Has a process append messages at a steady rate, and another one receive them from Redis: the time from the commit
 * to the arrival, which is the broker's acceptance and the way to the consumer.
 */
export async function measureLatency(setting: Setting): Promise<Figures> {
  const receiving = start('consumer', {
    url: urlOf(setting, 'redis'),
    messages: setting.messages,
  } satisfies ConsumerTask);
  await receiving.ready;
  const sending = start('producer', { setting, perSecond: PER_SECOND } satisfies ProducerTask);
  const [committed, arrived] = await Promise.all([sending.moments, receiving.moments]);
  const arrivals = new Map(arrived);
  const latencies = committed.map(([id, at]) => {
    const arrival = arrivals.get(id);
    if (arrival === undefined) throw new Error(`The message ${id} did not arrive.`);
    return Number(BigInt(arrival) - BigInt(at)) / NANOSECONDS_PER_MS;
  });
  return { 'p50 ms': percentile(latencies, 0.5), 'p99 ms': percentile(latencies, 0.99) };
}

function start(program: string, task: object): { ready: Promise<void>; moments: Promise<readonly Moment[]> } {
  const child: ChildProcess = fork(fileURLToPath(new URL(`./${program}.js`, import.meta.url)), [], {
    execArgv: [],
  });
  child.send(task);
  const next = <T>(pick: (report: Report) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      child.on('message', (report: Report) => {
        if ('error' in report) reject(new Error(`${program}: ${report.error}`));
        const picked = pick(report);
        if (picked !== undefined) resolve(picked);
      });
      child.once('exit', (code) => reject(new Error(`The ${program} ended with ${code}.`)));
    });
  const moments = next((report) => ('moments' in report ? report.moments : undefined));
  const ready = next((report) => ('ready' in report ? true : undefined)).then(() => {});
  // Nobody waits for both at the same time, and not every program says that it is ready.
  for (const waiting of [moments, ready]) waiting.catch(() => {});
  return { ready, moments };
}
