import * as c1Receiving from './c1-receiving.ts';
import * as c1Waiting from './c1-waiting.ts';
import * as c2Content from './c2-content.ts';
import * as c3Ends from './c3-ends.ts';
import * as c4Redelivery from './c4-redelivery.ts';
import * as c5Connection from './c5-connection.ts';
import * as c6Calls from './c6-calls.ts';
import type { SourceClause } from './source-clause.ts';

/** The files of this folder that hold clauses. */
export const SOURCE_FILES: readonly Readonly<Record<string, SourceClause>>[] = [
  c1Receiving,
  c1Waiting,
  c2Content,
  c3Ends,
  c4Redelivery,
  c5Connection,
  c6Calls,
];
