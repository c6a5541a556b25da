import { parseArgs } from 'node:util';
import { DATABASE_SCHEMES } from '../databases/open-database.ts';

/** What a person asked of the demo. */
export interface DemoOptions {
  readonly help: boolean;
  /** URL of the database of the shop; `null` for a SQLite file. */
  readonly from: string | null;
  /** URL of the Redis server that messages go through; `null` for webhooks. */
  readonly to: string | null;
  /** Orders of the CSV that are placed. */
  readonly orders: number;
  /** Whether the databases are kept at the end. */
  readonly keep: boolean;
  /** Whether the consumer applies every delivery, which is the mistake that an inbox prevents. */
  readonly withoutInbox: boolean;
  /** Whether the relay is left alone. */
  readonly spareRelay: boolean;
  /** Whether the ledger is printed as JSON, and nothing else. */
  readonly json: boolean;
}

/** The help of the demo. */
export const HELP: string = `A shop writes orders, a relay carries its messages to a consumer, and things go wrong.

  npm run demo                      all of orders.csv, from a SQLite file, as webhooks
  npm run demo -- --from URL        the shop in postgres://…, mysql://…, mariadb://… or mongodb://…
  npm run demo -- --to URL          through Redis Streams, redis://…, instead of webhooks
  npm run demo -- --orders 50       only the first 50 orders
  npm run demo -- --without-inbox   a consumer that applies whatever comes: see what the inbox is for
  npm run demo -- --spare-relay     do not kill the relay: MongoDB keeps the locks of a dead one for a minute
  npm run demo -- --keep            keep what was written, to look into it
  npm run demo -- --json            print the ledger as JSON

On a server everything has a name that begins with outrelay_demo_ and a random number, nothing else is touched,
and it is removed at the end.`;

const ALL_ORDERS = 400;

/** Reads the command line; throws an error that says what is wrong with it. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
      orders: { type: 'string', default: String(ALL_ORDERS) },
      keep: { type: 'boolean', default: false },
      'spare-relay': { type: 'boolean', default: false },
      'without-inbox': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const orders = Number(values.orders);
  if (!/^\d+$/.test(values.orders) || orders < 1 || orders > ALL_ORDERS) {
    throw new Error(`--orders must be a whole number from 1 to ${ALL_ORDERS}; got "${values.orders}".`);
  }
  const { help, keep, json } = values;
  const from = readUrl(
    '--from',
    values.from,
    Object.keys(DATABASE_SCHEMES),
    'the demo makes a SQLite file of its own',
  );
  const to = readUrl(
    '--to',
    values.to,
    ['redis', 'rediss'],
    'the demo brings a receiver of webhooks of its own',
  );
  return {
    help,
    from,
    to,
    orders,
    keep,
    json,
    withoutInbox: values['without-inbox'],
    spareRelay: values['spare-relay'],
  };
}

function readUrl(
  option: string,
  url: string | undefined,
  schemes: readonly string[],
  otherwise: string,
): string | null {
  if (url === undefined) return null;
  const scheme = /^([a-z0-9+.-]+):\/\//i.exec(url)?.[1] ?? '';
  if (schemes.includes(scheme.toLowerCase())) return url;
  throw new Error(
    `${option} takes a URL that begins with one of ${schemes.map((one) => `${one}://`).join(', ')}. Without it ${otherwise}.`,
  );
}
