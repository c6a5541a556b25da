import type { Entrant, Scenario, Target } from '../harness/scenario.ts';

const HAND_WRITTEN: readonly Entrant[] = [1, 2].map((connections) => ({
  name: `hand-written, ${connections} connection${connections === 1 ? '' : 's'}`,
  contender: 'postgres/hand-written-drain',
  options: { connections: String(connections), to: 'redis' },
}));

const OUTRELAY: readonly Entrant[] = ['none', 'summary'].map((history) => ({
  name: `Outrelay, history ${history}`,
  contender: 'outrelay/drain',
  options: { store: 'postgres', history, to: 'redis' },
}));

/** Outboxes and the like that are there for PostgreSQL. The slow ones get a part of the messages: what counts is the rate. */
const OTHERS: readonly Entrant[] = [
  {
    name: 'pg-boss, fetch of 1,000',
    contender: 'postgres/pg-boss-drain',
    options: { to: 'redis' },
    node24: true,
  },
  {
    name: 'Graphile Worker, local queue of 500',
    contender: 'postgres/graphile-worker-drain',
    factor: 0.2,
    node24: true,
  },
  { name: 'knex, row by row', contender: 'postgres/knex-drain', options: { to: 'redis' }, factor: 0.05 },
  {
    name: 'pg-transactional-outbox, polling',
    contender: 'postgres/pg-transactional-outbox-drain',
    options: { to: 'redis' },
    factor: 0.005,
  },
];

function target(history: string, value: number, against: readonly Entrant[]): Target {
  return {
    entrant: `Outrelay, history ${history}`,
    figure: 'messages/s',
    bound: 'at least',
    value,
    against: against.map(({ name }) => name),
  };
}

/** The fastest way to drain a backlog that anybody would write, and the store. */
export const postgresDrain: Scenario = {
  name: 'postgres-drain',
  title: 'Drain of a backlog, PostgreSQL → Redis Streams',
  servers: ['postgres', 'redis'],
  messages: 100_000,
  rounds: 5,
  figures: { 'messages/s': 'more is better' },
  entrants: [...HAND_WRITTEN, ...OUTRELAY],
  targets: [target('none', 0.85, HAND_WRITTEN), target('summary', 0.65, HAND_WRITTEN)],
};

/** The store against what one would else install. */
export const postgresDrainOthers: Scenario = {
  name: 'postgres-others',
  title: 'Drain of a backlog, PostgreSQL → Redis Streams, against other packages',
  servers: ['postgres', 'redis'],
  messages: 50_000,
  rounds: 3,
  figures: { 'messages/s': 'more is better' },
  entrants: [...OUTRELAY.slice(0, 1), ...OTHERS],
  targets: [target('none', 2, OTHERS)],
};

/** What a reader that holds its snapshot costs: dead rows cannot be removed. */
export const postgresDrainSnapshot: Scenario = {
  name: 'postgres-snapshot',
  title: 'Drain of a backlog, PostgreSQL → Redis Streams, beside a transaction that holds its snapshot',
  servers: ['postgres', 'redis'],
  messages: 200_000,
  rounds: 3,
  figures: { 'messages/s': 'more is better' },
  entrants: [...OUTRELAY.slice(0, 1), ...HAND_WRITTEN.slice(0, 1)].flatMap((entrant) => [
    entrant,
    {
      ...entrant,
      name: `${entrant.name}, held snapshot`,
      options: { ...entrant.options, snapshot: 'held' },
    },
  ]),
  targets: [
    {
      entrant: 'Outrelay, history none, held snapshot',
      figure: 'messages/s',
      bound: 'at least',
      value: 0.8,
      against: ['Outrelay, history none'],
    },
  ],
};
