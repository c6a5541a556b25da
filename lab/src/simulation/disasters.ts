import type { SimulatedProcess } from './process.ts';
import { TOPICS, type World } from './world.ts';

/** What happens to servers, processes and clocks while the weather is bad. */
export function unleashDisasters(world: World, processes: () => readonly SimulatedProcess[]): void {
  const { scheduler, random, faults } = world;
  if (!faults.weather.disasters) return;
  const strike = (): void => {
    if (faults.over) return;
    const alive = processes().filter(({ dead, ended }) => !dead && !ended);
    const victim = random.pick(alive);
    if (victim !== undefined) random.pick(DISASTERS)(world, victim);
    scheduler.after(random.latency(20, 1_500), null, strike);
  };
  scheduler.after(random.latency(20, 1_500), null, strike);
}

type Disaster = (world: World, victim: SimulatedProcess) => void;

const DISASTERS: readonly Disaster[] = [
  (_, victim) => victim.crash('kill -9'),
  ({ random }, victim) => victim.freeze(random.pick([5, 300, 1_500, 4_000])),
  ({ random }, victim) => victim.pause(random.pick([5, 500])),
  ({ random }, victim) => victim.replace(random.pick([0, 50, 5_000])),
  (world) => {
    const { faults } = world;
    during(
      world,
      'database down',
      () => (faults.databaseDown = true),
      () => (faults.databaseDown = false),
    );
  },
  (world) => {
    const { faults } = world;
    during(
      world,
      'broker down',
      () => (faults.brokerDown = true),
      () => (faults.brokerDown = false),
    );
  },
  (world) => {
    const { faults, random } = world;
    during(
      world,
      'throttled',
      () => (faults.throttleMs = random.pick([50, 3_000])),
      () => (faults.throttleMs = 0),
    );
  },
  (world) => {
    const { faults, random } = world;
    const topic = random.pick(TOPICS);
    during(
      world,
      `${topic} broken`,
      () => faults.breakTopic(topic, true),
      () => faults.breakTopic(topic, false),
    );
  },
  (world) => {
    const { database, options, random } = world;
    const all = Array.from({ length: options.partitions }, (_, index) => index);
    const partitions = random.chance(0.5) ? all : all.filter(() => random.chance(0.5));
    world.leasesAreSafe = false;
    world.note('world', 'takes away', () => `the leases of ${partitions.join(' ')}`);
    database.takeAway(partitions, random.token(), random.pick([10, 700]));
  },
  (world) => {
    const { database, random } = world;
    const ms = random.pick([-5_000, -300, 300, 5_000, 60_000]);
    world.leasesAreSafe = false;
    world.note('world', 'jumps', () => `the database's clock by ${ms} ms`);
    database.jump(ms);
  },
  ({ doorbell, random }) => doorbell.interrupt(random.pick([50, 2_000])),
];

function during(world: World, what: string, begin: () => void, end: () => void): void {
  const { scheduler, random } = world;
  const forMs = random.pick([5, 200, 1_500, 6_000]);
  world.note('world', what, () => `for ${forMs} ms`);
  begin();
  scheduler.after(forMs, null, end);
}
