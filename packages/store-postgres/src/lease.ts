import type { Lease } from '@outrelay/core';
import { CLOCK, type Tables } from './tables.ts';
import { text } from './literal.ts';

/** What a lease remembers; hand-over and widening change it in place, so that no older copy covers more. */
export interface LeaseState {
  /** Numbers of the partitions, ascending. */
  partitions: readonly number[];
  reads: number;
  /** Whether the last read met delayed rows, a suspect or a key that would fill it: then nothing is tried first. */
  intricate: boolean;
  /** Whether some partition was lost by relays in a row, so that what is read and survived is recorded. */
  lossy: boolean;
}

/** A lease on partitions. */
export interface PgLease extends Lease {
  readonly state: LeaseState;
}

/** A new lease on partitions. */
export function leaseOn(token: string, partitions: readonly number[], lossy: boolean): PgLease {
  return { token, state: { partitions, reads: 0, intricate: false, lossy } };
}

/**
 * The partitions that a token holds, as a condition on the number in `column`. An array, which is made once: a sub-select
 * would be joined, and may be joined the wrong way round, so that each partition looks for all messages.
 */
export function heldBy(tables: Tables, token: string, column: string): string {
  return `${column} = ANY(ARRAY(SELECT h.partition_no FROM ${tables.partitions} AS h WHERE h.token = ${text(token)}))`;
}

/** Whether nobody holds the partition in the row of `alias`. */
export function isFree({ leases }: Tables, alias: string): string {
  return `(${alias}.released OR NOT EXISTS (SELECT 1 FROM ${leases} AS l WHERE l.token = ${alias}.token AND l.expires_at > ${CLOCK}))`;
}
