import type { Scenario, ServerKind } from '../harness/scenario.ts';

/** A database that receipts are recorded in. */
interface Place {
  readonly name: string;
  readonly title: string;
  readonly contender: string;
  readonly server?: ServerKind;
  /** Whether the driver does not know of transactions, so that the store has to find out. */
  readonly checks?: boolean;
}

const PLACES: readonly Place[] = [
  { name: 'sqlite', title: 'SQLite', contender: 'sqlite/receipt' },
  { name: 'postgres', title: 'PostgreSQL', contender: 'postgres/receipt', server: 'postgres' },
  { name: 'mariadb', title: 'MariaDB', contender: 'mysql/receipt', server: 'mariadb', checks: true },
  { name: 'mysql', title: 'MySQL', contender: 'mysql/receipt', server: 'mysql', checks: true },
];

/** What the inbox adds to a transaction of the caller, against the bare INSERT of the same row. */
function receipt(place: Place, size: 'one' | 'many', messages: number): Scenario {
  const { name, title, contender, server, checks } = place;
  const perTransaction = size === 'one' ? 1 : 100;
  const entrant = (way: string, label: string) => ({
    name: label,
    contender,
    options: { way, perTransaction: String(perTransaction), ...(server === undefined ? {} : { server }) },
  });
  return {
    name: `${name}-receipt-${size}`,
    title: `Receipt in ${title}, ${size === 'one' ? 'one' : 'a hundred'} per transaction`,
    servers: server === undefined ? [] : [server],
    messages,
    rounds: 7,
    figures: { µs: 'less is better' },
    entrants: [
      entrant('insert', 'bare INSERT'),
      entrant('inbox', 'Outrelay'),
      ...(checks === true ? [entrant('trusting', 'Outrelay, transactionCheck trust')] : []),
    ],
    targets: [{ entrant: 'Outrelay', figure: 'µs', bound: 'at most', value: 1.2, against: ['bare INSERT'] }],
  };
}

/** Whole transactions, where the commit counts, and a hundred receipts in each, where the statement does. */
export const receipts: readonly Scenario[] = PLACES.flatMap((place) => {
  const [one, many] = place.server === undefined ? [5_000, 50_000] : [2_000, 10_000];
  return [receipt(place, 'one', one), receipt(place, 'many', many)];
});
