import { type Weather, WEATHERS } from './faults.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What tells one simulated world from another; all of it follows from the seed. */
export interface WorldOptions {
  readonly weather: Weather;
  readonly relays: number;
  readonly lanes: number;
  /** Whether relays run as a service, or drain again and again as a schedule does. */
  readonly drains: boolean;
  readonly partitions: number;
  readonly partitionsPerLease: number;
  readonly sharing: boolean;
  readonly wakeups: boolean;
  readonly connectivity: boolean;
  readonly deduplicates: boolean;
  readonly batchOrder: 'key' | 'none';
  readonly batchMessages: number;
  readonly callMessages: number;
  readonly transports: number;
  /** Milliseconds that the broker takes for every call. */
  readonly publishMs: number;
  readonly leaseMs: number;
  readonly lingerMs: number;
  readonly keys: number;
  readonly transactions: number;
  /** Whether there are messages that are rejected, cannot be decoded, or kill whoever publishes them. */
  readonly badMessages: boolean;
}

export function drawOptions(random: SeededRandom): WorldOptions {
  const weather = random.pick(WEATHERS);
  const partitions = random.pick([1, 4, 16]);
  return {
    weather,
    relays: random.integer(1, 3),
    lanes: random.pick([1, 2, 4]),
    drains: random.chance(0.1),
    partitions,
    partitionsPerLease: random.pick([partitions, 2]),
    sharing: random.chance(0.7),
    wakeups: random.chance(0.7),
    connectivity: random.chance(0.7),
    deduplicates: random.chance(0.3),
    batchOrder: random.pick(['key', 'none']),
    batchMessages: random.pick([1, 5, 20]),
    callMessages: random.pick([1, 3, 100]),
    transports: random.pick([1, 1, 2]),
    publishMs: random.pick([0, 0, 0, 20, 900]),
    leaseMs: random.pick([1_000, 2_000]),
    lingerMs: random.pick([0, 500]),
    keys: random.integer(1, 6),
    transactions: random.integer(5, 15),
    badMessages: random.chance(0.3),
  };
}
