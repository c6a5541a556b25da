import type { Scenario } from '../harness/scenario.ts';
import { postgresDrain, postgresDrainOthers, postgresDrainSnapshot } from './postgres-drain.ts';
import { receipts } from './receipt.ts';
import { sqliteAppendMany, sqliteAppendOne } from './sqlite-append.ts';
import { sqliteDrainNull, sqliteDrainRedis } from './sqlite-drain.ts';
import { sqliteIdle, sqliteLatency, sqliteMemory } from './sqlite-process.ts';

/** Everything that can be measured, in the order in which it is. */
export const scenarios: readonly Scenario[] = [
  sqliteDrainRedis,
  sqliteDrainNull,
  sqliteAppendOne,
  sqliteAppendMany,
  sqliteLatency,
  sqliteIdle,
  sqliteMemory,
  postgresDrain,
  postgresDrainOthers,
  postgresDrainSnapshot,
  ...receipts,
];
