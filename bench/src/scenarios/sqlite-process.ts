import type { Scenario } from '../harness/scenario.ts';

const options = { store: 'sqlite', history: 'summary', to: 'redis' };

export const sqliteLatency: Scenario = {
  name: 'sqlite-latency',
  title: 'Commit to arrival, SQLite → Redis Streams, 200 messages a second from another process',
  servers: ['redis'],
  messages: 2_000,
  rounds: 3,
  figures: { 'p50 ms': 'less is better', 'p99 ms': 'less is better' },
  entrants: [
    { name: 'Outrelay', contender: 'outrelay/latency', options },
    {
      name: 'Outrelay, polling only',
      contender: 'outrelay/latency',
      options: { ...options, wakeups: 'off' },
    },
  ],
  targets: [
    { entrant: 'Outrelay', figure: 'p50 ms', bound: 'at most', value: 2 },
    { entrant: 'Outrelay', figure: 'p99 ms', bound: 'at most', value: 10 },
  ],
};

export const sqliteIdle: Scenario = {
  name: 'sqlite-idle',
  title: 'A relay with nothing to do, SQLite → Redis Streams',
  servers: ['redis'],
  messages: 1,
  rounds: 3,
  figures: { '% of a core': 'less is better' },
  entrants: [{ name: 'Outrelay', contender: 'outrelay/idle', options }],
  targets: [{ entrant: 'Outrelay', figure: '% of a core', bound: 'at most', value: 1 }],
};

export const sqliteMemory: Scenario = {
  name: 'sqlite-memory',
  title: 'Memory of a relay that drains a backlog, SQLite → Redis Streams',
  servers: ['redis'],
  messages: 1_000_000,
  rounds: 1,
  figures: { 'peak MiB': 'less is better' },
  freshProcess: true,
  entrants: [
    { name: 'a tenth of them', contender: 'outrelay/memory', options, factor: 0.1 },
    { name: 'all of them', contender: 'outrelay/memory', options },
  ],
  targets: [
    { entrant: 'all of them', figure: 'peak MiB', bound: 'at most', value: 150 },
    {
      entrant: 'all of them',
      figure: 'peak MiB',
      bound: 'at most',
      value: 1.15,
      against: ['a tenth of them'],
    },
  ],
};
