import { CONNECTION_MUTANTS as LINK_MUTANTS } from '../sources/connection.ts';
import { ENDING_MUTANTS } from '../sources/ending.ts';
import { RECEIVING_MUTANTS } from '../sources/receiving.ts';
import { ADMINISTRATION_MUTANTS } from '../stores/administration.ts';
import { APPEND_MUTANTS } from '../stores/append.ts';
import { CLAIM_MUTANTS } from '../stores/claim.ts';
import { CONTENT_MUTANTS } from '../stores/content.ts';
import { DIAGNOSIS_MUTANTS } from '../stores/diagnosis.ts';
import { FACET_MUTANTS } from '../stores/facets.ts';
import { IDENTITY_MUTANTS } from '../stores/identity.ts';
import { LEASE_MUTANTS } from '../stores/lease.ts';
import { LIFECYCLE_MUTANTS } from '../stores/lifecycle.ts';
import { ORDER_MUTANTS } from '../stores/order.ts';
import { OVERTAKING_MUTANTS } from '../stores/overtaking.ts';
import { PARKING_MUTANTS } from '../stores/parking.ts';
import { RECOVERY_MUTANTS } from '../stores/recovery.ts';
import { REDRIVING_MUTANTS } from '../stores/redriving.ts';
import { REMEMBERING_MUTANTS } from '../stores/remembering.ts';
import { SETTLE_MUTANTS } from '../stores/settle.ts';
import { CONNECTION_MUTANTS } from '../transports/connection.ts';
import { CONTENT_MUTANTS as WIRE_MUTANTS } from '../transports/content.ts';
import { OUTCOME_MUTANTS } from '../transports/outcome.ts';
import { REPETITION_MUTANTS } from '../transports/repetition.ts';
import type { Mutant } from './mutant.ts';

/** Broken stores by what they break, in the order of the specification. */
export const STORE_GROUPS: Readonly<Record<string, readonly Mutant[]>> = {
  append: APPEND_MUTANTS,
  content: CONTENT_MUTANTS,
  identity: IDENTITY_MUTANTS,
  order: ORDER_MUTANTS,
  overtaking: OVERTAKING_MUTANTS,
  claim: CLAIM_MUTANTS,
  settle: SETTLE_MUTANTS,
  lease: LEASE_MUTANTS,
  remembering: REMEMBERING_MUTANTS,
  recovery: RECOVERY_MUTANTS,
  administration: ADMINISTRATION_MUTANTS,
  facets: FACET_MUTANTS,
  parking: [...PARKING_MUTANTS, ...REDRIVING_MUTANTS],
  diagnosis: DIAGNOSIS_MUTANTS,
  lifecycle: LIFECYCLE_MUTANTS,
};

/** Broken transports by what they break, in the order of the specification. */
export const TRANSPORT_GROUPS: Readonly<Record<string, readonly Mutant[]>> = {
  'transport-outcome': OUTCOME_MUTANTS,
  'transport-repetition': REPETITION_MUTANTS,
  'transport-content': WIRE_MUTANTS,
  'transport-connection': CONNECTION_MUTANTS,
};

/** Broken sources by what they break, in the order of the specification. */
export const SOURCE_GROUPS: Readonly<Record<string, readonly Mutant[]>> = {
  'source-receiving': RECEIVING_MUTANTS,
  'source-ending': ENDING_MUTANTS,
  'source-connection': LINK_MUTANTS,
};
