import type { Scenario } from '../harness/scenario.ts';

/** A message written by the application, against the bare INSERT of its row. */
function append(name: string, title: string, perTransaction: number, messages: number): Scenario {
  const entrant = (way: string, label: string) => ({
    name: label,
    contender: 'sqlite/append',
    options: { way, perTransaction: String(perTransaction) },
  });
  return {
    name: `sqlite-append-${name}`,
    title: `Append to SQLite, ${title}`,
    servers: [],
    messages,
    rounds: 7,
    figures: { µs: 'less is better' },
    entrants: [entrant('insert', 'bare INSERT'), entrant('outbox', 'Outrelay')],
    targets: [{ entrant: 'Outrelay', figure: 'µs', bound: 'at most', value: 1.3, against: ['bare INSERT'] }],
  };
}

export const sqliteAppendOne: Scenario = append('one', 'one message per transaction', 1, 5_000);
export const sqliteAppendMany: Scenario = append('many', 'a hundred messages per transaction', 100, 50_000);
