import { numbers, text } from './literal.ts';
import type { Tables } from './tables.ts';

/**
 * Locks the rows of the partitions that a token holds, in order, and answers with them and their number of losses: the
 * first statement of every transaction that changes what a lease covers.
 *
 * As long as the lock is held, nobody can take a partition over, and whoever does so afterwards reads on a snapshot that
 * sees what was done under it. The statements that follow have snapshots of their own, from after the lock.
 */
export function fence(tables: Tables, token: string, partitions: readonly number[]): string {
  return `SELECT p.partition_no, p.losses FROM ${tables.partitions} AS p WHERE p.partition_no = ANY(${numbers(partitions, 'smallint')}) AND p.token = ${text(token)} ORDER BY p.partition_no FOR UPDATE`;
}

/** Locks the rows of partitions in order, whoever holds them. */
export function lockPartitions(tables: Tables, partitions: string): string {
  return `SELECT p.partition_no FROM ${tables.partitions} AS p WHERE p.partition_no = ANY(${partitions}) ORDER BY p.partition_no FOR UPDATE`;
}
