// A relay of the endurance run, in a process of its own. It tells its parent how it is doing, and is killed now and then.
import { createRelay, type OutboxStore } from '@outrelay/core';
import { redisTransport } from '@outrelay/transport-redis';
import type { DatabaseAccess } from '../rig/application.ts';
import { openApplication } from '../rig/open-application.ts';
import { readSettings, tell, untilStopped } from '../rig/program.ts';
import { Durations } from './durations.ts';

/** What a relay of the endurance run is told. */
export interface RelaySettings {
  readonly access: DatabaseAccess;
  readonly redisUrl: string;
  readonly name: string;
}

/** What it tells every few seconds. */
export interface RelaySample {
  readonly name: string;
  readonly residentBytes: number;
  /** Milliseconds of calls on the store since the last sample: the middle and the slowest of a hundred. */
  readonly calls: Readonly<
    Record<string, { readonly p50: number; readonly p99: number; readonly count: number }>
  >;
}

const SAMPLE_MS = 5_000;

const { access, redisUrl, name } = readSettings() as RelaySettings;
const application = openApplication(access);
const durations = new Durations();
const transport = redisTransport({ url: redisUrl });
const relay = createRelay({
  store: timed(application.store),
  transport,
  name,
  leaseMs: 5_000,
  purgeIntervalMs: 10_000,
});
relay.start();
const sampling = setInterval(() => {
  const sample: RelaySample = { name, residentBytes: process.memoryUsage.rss(), calls: durations.take() };
  tell(sample);
}, SAMPLE_MS);
await untilStopped();
clearInterval(sampling);
await relay.stop();
await transport.close();
await application.close();
process.disconnect();

function timed(store: OutboxStore): OutboxStore {
  return {
    ...store,
    claim: (request) => durations.time('claim', () => store.claim(request)),
    read: (lease, request) => durations.time('read', () => store.read(lease, request)),
    settle: (lease, settlements) => durations.time('settle', () => store.settle(lease, settlements)),
  };
}
