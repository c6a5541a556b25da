import type { Engine } from '../engine/engine.ts';
import { unleashDisasters } from './disasters.ts';
import { Violation } from './ledger.ts';
import { employOperator } from './operator.ts';
import type { WorldOptions } from './options.ts';
import { SimulatedProcess } from './process.ts';
import { Producers } from './producers.ts';
import { Trace } from './trace.ts';
import { World } from './world.ts';

/** Simulated time after which bad weather ends at the latest, and within which everything must be delivered then. */
const BAD_MS = 60_000;
const DRAIN_MS = 900_000;
/** Simulated time within which a relay must end that nothing keeps. */
const END_MS = 300_000;
/** Events after which something goes round in circles. */
const MAX_EVENTS = 200_000;

/** What one seed came to. */
export interface Outcome {
  readonly seed: number;
  /** What the specification rules out and what happened nevertheless; `null` when all is well. */
  readonly violation: string | null;
  readonly options: WorldOptions;
  /** The same for every run of the seed. */
  readonly fingerprint: string;
  readonly copies: number;
  readonly events: number;
  /** What happened, when that was asked for. */
  readonly lines: readonly string[];
}

/** Runs the course of events that follows from a seed, on the given engine. */
export async function runSeed(seed: number, engine: Engine, keepsTrace = false): Promise<Outcome> {
  const trace = new Trace(keepsTrace);
  const world = new World(seed, engine, trace);
  const violations: Violation[] = [];
  world.ledger.onBroken = (found) => {
    violations.push(found);
  };
  const unhandled = (error: unknown): void => {
    violations.push(new Violation(`a rejection goes unhandled (R7.5): ${String(error)}`));
  };
  process.on('unhandledRejection', unhandled);
  try {
    await live(world, () => violations.length > 0);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violations.push(error);
  } finally {
    process.off('unhandledRejection', unhandled);
  }
  return {
    seed,
    violation: violations[0]?.message ?? null,
    options: world.options,
    fingerprint: trace.fingerprint,
    copies: world.ledger.copies,
    events: world.scheduler.fired,
    lines: trace.lines,
  };
}

async function live(world: World, isOver: () => boolean): Promise<void> {
  const { scheduler, random, faults, database, ledger, options } = world;
  const processes: SimulatedProcess[] = [];
  let closing = false;
  let count = 0;
  const begin = (): void => {
    if (!closing) processes.push(new SimulatedProcess(`relay ${++count}`, world, begin));
  };
  const within = async (limitMs: number, what: () => string, reached: () => boolean): Promise<void> => {
    const endMs = scheduler.nowMs + limitMs;
    const late = (): boolean => scheduler.nowMs > endMs || scheduler.fired > MAX_EVENTS;
    await scheduler.run(() => isOver() || reached() || late());
    if (!isOver() && !reached()) ledger.broken(`${what()} (after ${scheduler.fired} events)`);
  };

  for (let index = 0; index < options.relays; index++)
    scheduler.after(random.pick([0, 0, 3, 2_000]), null, begin);
  const producers = new Producers(world);
  employOperator(world);
  unleashDisasters(world, () => processes);
  const badMs = random.integer(2_000, 8_000);
  await within(
    BAD_MS,
    () => 'the transactions of the application do not end',
    () => producers.done && scheduler.nowMs >= badMs,
  );

  world.note('world', 'calms', () => '');
  faults.end();
  await within(
    DRAIN_MS,
    () => `not delivered: ${stuck(world)}`,
    () => database.rows.length === 0,
  );
  if (isOver()) return;
  if (ledger.missing.length > 0) ledger.broken(`lost: ${ledger.missing.join(' ')}`);

  closing = true;
  const alive = processes.filter(({ dead }) => !dead);
  for (const process of alive) void process.stop(10_000);
  await within(
    END_MS,
    () => 'a relay does not end (R7.2)',
    () => alive.every(({ ended, dead }) => ended || dead),
  );
  const left = alive.filter(({ timers }) => timers > 0).map(({ name, timers }) => `${name}: ${timers}`);
  if (!isOver() && left.length > 0)
    ledger.broken(`timers of relays that have ended are left (R7.5): ${left.join(', ')}`);
  // What is under way to it may still arrive, and nothing else may come after.
  await within(
    faults.weather.quiet ? 1_000 : END_MS,
    () => 'relays that have ended still do something (R7.2)',
    () => alive.every((process) => scheduler.pending(process) === 0),
  );
}

function stuck({ database }: World): string {
  return database.rows
    .map(({ content, phase, attempts }) => `${content.id} (${phase}, attempts ${attempts})`)
    .join(', ');
}
