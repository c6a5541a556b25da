import type { Row } from './rows.ts';
import type { World } from './world.ts';

/** Somebody who looks at the dead letters now and then: redrives what can be cured, drops the rest. */
export function employOperator(world: World): void {
  const { scheduler, random } = world;
  const look = (): void => {
    resolve(world);
    scheduler.after(random.integer(500, 3_000), null, look);
  };
  scheduler.after(random.integer(500, 3_000), null, look);
}

function resolve(world: World): void {
  const { database, doorbell, random } = world;
  const blocked = database.rows.filter(({ phase }) => phase === 'blocked');
  const letters = database.letters.filter(({ redrives }) => redrives === 0);
  const row = random.pick([...blocked, ...letters]);
  if (row === undefined) return;
  if (isHopeless(row)) discard(world, row);
  else redrive(world, row);
  doorbell.ring();
}

function redrive(world: World, row: Row): void {
  const { database, ledger } = world;
  world.note('operator', 'redrives', () => row.content.id);
  ledger.redriven(row.content.id);
  const again: Row = {
    ...row,
    redrives: row.redrives + 1,
    attempts: 0,
    availableAtMs: Number.NEGATIVE_INFINITY,
    suspect: false,
    delivery: null,
  };
  if (row.phase === 'blocked') {
    database.remove(row);
    database.insert({ ...again, phase: 'retry' });
  } else {
    database.letters.splice(database.letters.indexOf(row), 1);
    database.insert({ ...again, phase: 'fresh' });
  }
}

function discard(world: World, row: Row): void {
  const { database, ledger } = world;
  world.note('operator', 'discards', () => row.content.id);
  if (row.phase === 'blocked') {
    ledger.discarded(row.content.id);
    database.remove(row);
  } else {
    database.letters.splice(database.letters.indexOf(row), 1);
  }
}

/** What no redrive can cure. */
function isHopeless({ content: { headers }, redrives }: Row): boolean {
  return redrives > 2 || ['rejected', 'undecodable', 'kills'].some((name) => headers[name] !== undefined);
}
