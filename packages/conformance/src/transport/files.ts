import * as t1Repetition from './t1-repetition.ts';
import * as t1Results from './t1-results.ts';
import * as t2Content from './t2-content.ts';
import * as t3Order from './t3-order.ts';
import * as t4Connection from './t4-connection.ts';
import * as t5Calls from './t5-calls.ts';
import * as t6Limits from './t6-limits.ts';
import type { TransportClause } from './transport-clause.ts';

/** The files of this folder that hold clauses. */
export const TRANSPORT_FILES: readonly Readonly<Record<string, TransportClause>>[] = [
  t1Results,
  t1Repetition,
  t2Content,
  t3Order,
  t4Connection,
  t5Calls,
  t6Limits,
];
