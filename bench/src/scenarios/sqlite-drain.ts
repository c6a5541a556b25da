import type { Scenario } from '../harness/scenario.ts';

/** A backlog in SQLite, drained by one relay. */
function drain(to: 'redis' | 'null', title: string): Scenario {
  const outrelay = (history: string) => ({
    name: `Outrelay, history ${history}`,
    contender: 'outrelay/drain',
    options: { store: 'sqlite', history, to },
  });
  const target = (history: string, value: number) =>
    ({
      entrant: `Outrelay, history ${history}`,
      figure: 'messages/s',
      bound: 'at least',
      value,
      against: ['hand-written'],
    }) as const;
  return {
    name: `sqlite-drain-${to}`,
    title: `Drain of a backlog, SQLite → ${title}`,
    servers: to === 'redis' ? ['redis'] : [],
    messages: 100_000,
    rounds: 5,
    figures: { 'messages/s': 'more is better' },
    entrants: [
      { name: 'hand-written', contender: 'sqlite/hand-written-drain', options: { to } },
      outrelay('none'),
      outrelay('summary'),
    ],
    targets: [target('none', 0.75), target('summary', 0.55)],
  };
}

export const sqliteDrainRedis: Scenario = drain('redis', 'Redis Streams');
export const sqliteDrainNull: Scenario = drain('null', 'nowhere');
