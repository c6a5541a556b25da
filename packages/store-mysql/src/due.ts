import type { TopicFilter } from '@outrelay/core';
import type { Session } from './connections.ts';
import { list, milliseconds, text } from './literal.ts';
import { NOW, quoted, type Tables } from './tables.ts';

/** Lists the topics in a table from an index that begins with them: one probe each, however many rows they have. */
export function presentTopics(table: string, index: string, condition: string): string {
  return `SELECT DISTINCT topic FROM ${table} FORCE INDEX (${quoted(index)})${condition}`;
}

/** The topics of fresh messages, reservations included. */
export function freshTopics({ messages }: Tables): string {
  return presentTopics(messages, 'outbox_messages_read', '');
}

/** The topics of delayed rows. */
export function delayedTopics({ delayed }: Tables): string {
  return presentTopics(delayed, 'outbox_delayed_due', '');
}

/** Those of some topics that the filter accepts. */
export function accepted(rows: readonly (readonly unknown[])[], filter: TopicFilter): readonly string[] {
  return rows.map(([topic]) => topic as string).filter((topic) => filter.matches(topic));
}

/** What a look at the whole outbox found for a relay that asks. */
export interface DueWork {
  /** Partitions with something due that the relay can route. */
  readonly due: ReadonlySet<number>;
  readonly partitions: readonly PartitionState[];
}

/** Who has a partition. */
export interface PartitionState {
  readonly number: number;
  readonly free: boolean;
  readonly token: string | null;
  /** Name of the relay that asked for it within the last moments, if any. */
  readonly wantedBy: string | null;
}

/** Milliseconds after which a wish that nobody has repeated counts no more. */
const WISH_MS = 2_000;

/** The condition under which somebody has wished for a partition a moment ago. */
export const WISH: string = `wanted_at > ${NOW} - ${milliseconds(WISH_MS)}`;

/** The condition under which a partition can be taken. */
export const FREE: string = `(token IS NULL OR released = 1 OR expires_at <= ${NOW})`;

/**
 * The statement that lists all partitions with their state and whether something is due in them; one that is idle costs
 * a probe of two indexes per partition, and rows that nobody routes are not walked through.
 *
 * The probes are scalar subqueries with LIMIT 1: as EXISTS they would be turned into a join that reads everything.
 *
 * @param fresh - topics to look for among the fresh messages
 * @param delayed - the same among the delayed ones
 */
function dueSql(tables: Tables, fresh: readonly string[], delayed: readonly string[]): string {
  const probes = [
    ...(fresh.length === 0 ? [] : [freshProbe(tables, fresh)]),
    ...(delayed.length === 0 ? [] : [delayedProbe(tables, delayed)]),
  ];
  const due = probes.length === 0 ? 'NULL' : `COALESCE(${probes.join(', ')})`;
  return `SELECT p.partition_no, ${FREE}, token, IF(${WISH}, wanted_by, NULL), ${due} FROM ${tables.partitions} AS p ORDER BY served_at, partition_no`;
}

function freshProbe({ messages }: Tables, topics: readonly string[]): string {
  return `(SELECT 1 FROM ${messages} AS m FORCE INDEX (outbox_messages_read) WHERE m.topic IN ${list(topics.map(text))} AND m.partition_no = p.partition_no LIMIT 1)`;
}

function delayedProbe({ delayed }: Tables, topics: readonly string[]): string {
  return `(SELECT 1 FROM ${delayed} AS d FORCE INDEX (outbox_delayed_due) WHERE d.topic IN ${list(topics.map(text))} AND d.available_at <= ${NOW} AND d.partition_no = p.partition_no LIMIT 1)`;
}

/** Looks who holds what and where something is due. */
export async function lookForWork(session: Session, tables: Tables, filter: TopicFilter): Promise<DueWork> {
  const [fresh, delayed] = await session.script([freshTopics(tables), delayedTopics(tables)]);
  const freshNames = accepted(fresh as readonly (readonly unknown[])[], filter);
  const delayedNames = accepted(delayed as readonly (readonly unknown[])[], filter);
  if (freshNames.length === 0 && delayedNames.length === 0) return { due: new Set(), partitions: [] };
  const rows = await session.rows(dueSql(tables, freshNames, delayedNames));
  return {
    due: new Set(rows.filter(([, , , , due]) => due === 1).map(([number]) => number as number)),
    partitions: rows.map(([number, free, token, wantedBy]) => ({
      number: number as number,
      free: free === 1,
      token: token as string | null,
      wantedBy: wantedBy as string | null,
    })),
  };
}
