import * as s1Append from './s1-append.ts';
import * as s1Content from './s1-content.ts';
import * as s1Duplicates from './s1-duplicates.ts';
import * as s1Handles from './s1-handles.ts';
import * as s1Paths from './s1-paths.ts';
import * as s2Order from './s2-order.ts';
import * as s3Attempts from './s3-attempts.ts';
import * as s3Claim from './s3-claim.ts';
import * as s3Exclusion from './s3-exclusion.ts';
import * as s3Many from './s3-many.ts';
import * as s3Producers from './s3-producers.ts';
import * as s4Kept from './s4-kept.ts';
import * as s4Ownership from './s4-ownership.ts';
import * as s4Parts from './s4-parts.ts';
import * as s4Settle from './s4-settle.ts';
import * as s5Crashes from './s5-crashes.ts';
import * as s5Leases from './s5-leases.ts';
import * as s5Letters from './s5-letters.ts';
import * as s6DeadLetters from './s6-dead-letters.ts';
import * as s6Redrive from './s6-redrive.ts';
import * as s7Inspection from './s7-inspection.ts';
import * as s8Maintenance from './s8-maintenance.ts';
import * as s9Schema from './s9-schema.ts';
import * as s10Wakeups from './s10-wakeups.ts';
import * as s11Inbox from './s11-inbox.ts';
import * as s12Sharing from './s12-sharing.ts';
import * as s13Errors from './s13-errors.ts';
import * as s13Lifecycle from './s13-lifecycle.ts';
import * as s14Attempts from './s14-attempts.ts';
import * as s14Parked from './s14-parked.ts';
import * as s14Redrive from './s14-redrive.ts';
import * as s15Diagnosis from './s15-diagnosis.ts';
import type { StoreClause } from './store-clause.ts';

/** The files of this folder that hold clauses. */
export const STORE_FILES: readonly Readonly<Record<string, StoreClause>>[] = [
  s1Append,
  s1Handles,
  s1Duplicates,
  s1Content,
  s1Paths,
  s2Order,
  s3Claim,
  s3Exclusion,
  s3Attempts,
  s3Many,
  s3Producers,
  s4Settle,
  s4Parts,
  s4Ownership,
  s4Kept,
  s5Leases,
  s5Crashes,
  s5Letters,
  s6DeadLetters,
  s6Redrive,
  s7Inspection,
  s8Maintenance,
  s9Schema,
  s10Wakeups,
  s11Inbox,
  s12Sharing,
  s13Lifecycle,
  s13Errors,
  s14Attempts,
  s14Parked,
  s14Redrive,
  s15Diagnosis,
];
