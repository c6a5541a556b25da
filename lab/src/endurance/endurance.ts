import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { Child } from '../rig/child.ts';
import { openApplication } from '../rig/open-application.ts';
import { TOPIC } from '../rig/order.ts';
import { type DatabaseName, startDatabase } from '../rig/start-database.ts';
import type { ProducerSample, ProducerSettings } from './producer-program.ts';
import type { EnduranceRecord, Incident, Moment } from './record.ts';
import type { RelaySample, RelaySettings } from './relay-program.ts';
import { StreamConsumer } from './stream-consumer.ts';

/** How a run is to be. */
export interface EnduranceOptions {
  readonly database: DatabaseName;
  readonly minutes: number;
  readonly perSecond: number;
  readonly relays: number;
}

const KEYS = 1_000;
const MOMENT_MS = 10_000;
const KILL_MS = 60_000;
/** A snapshot is held so long, every so often. */
const SNAPSHOT_MS = 30_000;
const SNAPSHOT_EVERY_MS = 300_000;
/** How long the end of the backlog may take, once nothing more is written. */
const DRAIN_MS = 300_000;

/** Runs writers, relays and a consumer for the given time, kills a relay every minute, and keeps the record. */
export async function endure(
  options: EnduranceOptions,
  tell: (line: string) => void,
): Promise<EnduranceRecord> {
  const { database: name, minutes, perSecond, relays } = options;
  const redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
  const database = await startDatabase(name);
  const { access } = database;
  const application = openApplication(access);
  await application.install();
  const client = new Redis(redis.url);
  const consumer = new StreamConsumer(client, TOPIC, KEYS);
  const samples = new Map<string, RelaySample>();
  const moments: Moment[] = [];
  const incidents: Incident[] = [];
  let produced: ProducerSample = { written: 0, done: false };
  const end = new AbortController();
  const { signal } = end;

  const startMs = performance.now();
  const atS = (): number => Math.round((performance.now() - startMs) / 1_000);
  const note = (what: Incident['what']): void => void incidents.push({ atS: atS(), what });
  const startRelay = (index: number): Child<RelaySample> => {
    const settings: RelaySettings = { access, redisUrl: redis.url, name: `relay-${index + 1}` };
    return new Child(new URL('./relay-program.js', import.meta.url), settings, (said: RelaySample) => {
      samples.set(said.name, said);
    });
  };
  const running = Array.from({ length: relays }, (_, index) => startRelay(index));
  const producerSettings: ProducerSettings = { access, perSecond, keys: KEYS };
  const producer = new Child(
    new URL('./producer-program.js', import.meta.url),
    producerSettings,
    (said: ProducerSample) => {
      produced = said;
    },
  );

  const every = async (ms: number, work: (count: number) => Promise<void>): Promise<void> => {
    for (let count = 1; !signal.aborted; count++) {
      const waitMs = startMs + count * ms - performance.now();
      if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
      if (!signal.aborted) await work(count);
    }
  };
  const consuming = (async (): Promise<void> => {
    while (!signal.aborted) await consumer.poll();
  })();
  const chores = Promise.all([
    every(MOMENT_MS, async () => {
      const moment = momentOf(atS(), produced, consumer, [...samples.values()], await application.bytes());
      moments.push(moment);
      tell(JSON.stringify(moment));
      const dead = [...running, producer].find((child) => !child.running);
      if (dead !== undefined && !signal.aborted)
        throw new Error(`A program of the lab ended by itself: ${dead.complaints}`);
    }),
    every(KILL_MS, async (count) => {
      // The one that works most: on a store with one lease, the others stand by.
      const busiest = [...samples.values()].toSorted((a, b) => settles(b) - settles(a)).at(0);
      const index = busiest === undefined ? count % relays : Number(busiest.name.slice('relay-'.length)) - 1;
      note('kill');
      samples.delete(`relay-${index + 1}`);
      const victim = running[index] as Child<RelaySample>;
      running[index] = startRelay(index);
      await victim.kill();
    }),
    every(SNAPSHOT_EVERY_MS, async () => {
      note('snapshot');
      const release = await application.holdSnapshot();
      await sleep(SNAPSHOT_MS);
      await release();
      note('snapshot-end');
    }),
  ]);

  try {
    await Promise.race([sleep(minutes * 60_000), consuming, chores]);
    await producer.stop();
    const endMs = performance.now() + DRAIN_MS;
    while (consumer.arrived < produced.written && performance.now() < endMs) await sleep(100);
  } finally {
    end.abort();
    await Promise.all([consuming, ...running.map((relay) => relay.kill()), producer.kill()]);
    client.disconnect();
    await application.close();
    await database.remove();
    await redis.remove();
  }
  const { written } = produced;
  const { arrived, duplicates, faults } = consumer;
  return {
    database: database.title,
    broker: `${redis.title} ${redis.version}`,
    node: process.version,
    minutes,
    perSecond,
    relays,
    written,
    arrived,
    duplicates,
    faults: [...faults, ...(arrived === written ? [] : [`${written} were written, ${arrived} arrived`])],
    moments,
    incidents,
  };
}

function settles({ calls }: RelaySample): number {
  return calls['settle']?.count ?? 0;
}

const MIB = 1024 * 1024;

function momentOf(
  atS: number,
  { written }: ProducerSample,
  { arrived }: StreamConsumer,
  samples: readonly RelaySample[],
  bytes: number,
): Moment {
  // Of the relay that works most: on a store with one lease, the others stand by.
  const busiest = (verb: string): { p50: number; p99: number } | undefined =>
    samples
      .flatMap(({ calls }) => calls[verb] ?? [])
      .toSorted((a, b) => b.count - a.count)
      .at(0);
  const rounded = (value: number | undefined): number | null =>
    value === undefined ? null : Number(value.toFixed(2));
  return {
    atS,
    written,
    arrived,
    residentMib: Math.round(Math.max(0, ...samples.map(({ residentBytes }) => residentBytes)) / MIB),
    databaseMib: Number((bytes / MIB).toFixed(2)),
    claimMs: rounded(busiest('claim')?.p50),
    readMs: rounded(busiest('read')?.p50),
    settleMs: rounded(busiest('settle')?.p50),
    settleP99Ms: rounded(busiest('settle')?.p99),
  };
}
