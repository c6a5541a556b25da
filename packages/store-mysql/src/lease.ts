import type { Lease } from '@outrelay/core';
import { rowsOf, type Session } from './connections.ts';
import { list, text } from './literal.ts';
import { NOW, type Tables } from './tables.ts';

/** A lease on some of the partitions. */
export interface MysqlLease extends Lease {
  readonly state: LeaseState;
}

/** What a lease covers, and what its reads remember for the next one, which only saves work. */
interface LeaseState {
  /** In ascending order. */
  readonly partitions: readonly number[];
  readonly memory: ReadMemory;
}

/** What reads under one lease remember. None of it is needed to be right. */
export interface ReadMemory {
  reads: number;
  /** Whether the last full read was mostly one key. */
  hot: boolean;
  /** Reads that are not worth a look at the front, because the last one found too little there. */
  detours: number;
  /** Topics of fresh messages at the last read; `null` before the first. */
  topics: readonly string[] | null;
}

/** A new lease on the partitions. */
export function leaseOn(token: string, partitions: readonly number[], memory?: ReadMemory): MysqlLease {
  return {
    token,
    state: { partitions, memory: memory ?? { reads: 0, hot: false, detours: 0, topics: null } },
  };
}

/** One row of `outbox_partitions`, as far as verbs under a lease need it. */
export interface PartitionRow {
  readonly number: number;
  /** The token of the present or last holder. */
  readonly token: string | null;
  readonly released: boolean;
  /** How many relays in a row have vanished without giving the partition back. */
  readonly losses: number;
  /** How many of its messages are to be handed out one at a time. */
  readonly suspectLeft: number;
  readonly wanted: boolean;
}

const COLUMNS = `partition_no, token, released, losses, suspect_left, wanted_by IS NOT NULL`;

function partitionRow(row: readonly unknown[]): PartitionRow {
  const [number, token, released, losses, suspectLeft, wanted] = row as [
    number,
    string | null,
    number,
    number,
    number,
    number,
  ];
  return { number, token, released: released === 1, losses, suspectLeft, wanted: wanted === 1 };
}

/** What is asked before anything is changed under a lease. */
export interface Fence {
  readonly rows: readonly PartitionRow[];
  /** The clock of the database, as a literal. */
  readonly now: string;
}

/**
 * The first statement of every transaction that changes messages: locks the rows of their partitions, in order, so
 * that nobody can take them over before the commit, and two that need several do not deadlock.
 *
 * Its rows are looked up one by one in the primary key. Were the few rows scanned instead, they would be locked one by
 * one all the same, and a settle would wait for those of others.
 */
function lockSql({ partitions }: Tables, numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b).map(String);
  return `SELECT ${COLUMNS} FROM ${partitions} FORCE INDEX (PRIMARY) WHERE partition_no IN ${list(sorted)} ORDER BY partition_no FOR UPDATE`;
}

const CLOCK = `SELECT ${NOW}`;

/** Locks the rows of partitions; see {@link lockSql}. The clock is asked after the wait for the locks. */
export async function lock(session: Session, tables: Tables, numbers: readonly number[]): Promise<Fence> {
  const [rows, clock] = await session.script([lockSql(tables, numbers), CLOCK]);
  return { rows: rowsOf(rows).map(partitionRow), now: `'${String(rowsOf(clock)[0]?.[0])}'` };
}

/** Asks for what {@link heldRows} reads. */
export function heldSql({ partitions }: Tables, token: string): string {
  return `SELECT ${COLUMNS} FROM ${partitions} WHERE token = ${text(token)} AND released = 0 ORDER BY partition_no`;
}

/** Reads the partitions that are held under a token. */
export function heldRows(rows: readonly (readonly unknown[])[]): readonly PartitionRow[] {
  return rows.map(partitionRow);
}
