import type { ClaimedMessage, ReadRequest } from '@outrelay/core';
import { hotKey } from './candidate.ts';
import type { MysqlRow } from './client.ts';
import { text, whole } from './literal.ts';
import { CONTENT_COLUMNS, freshMessage } from './row.ts';
import { PARTITIONS, type Tables } from './tables.ts';

/** Payloads above are left out of the first look, which would else carry them for nothing. */
const INLINE_BYTES = 16_384;
/** Topics of partitions in one statement. */
const MOST_SOURCES = 128;
const LEAST_ROWS = 16;

/**
 * A look at the front of what a lease covers, in one statement and with content: for the normal case, in which nothing
 * waits and nobody is suspected.
 */
export interface FrontLook {
  readonly sql: string;
  /** Rows after which a topic of a partition may have more to give; `Infinity` where the rows are those of the table. */
  readonly rowsPerSource: number;
}

const SIZE = 'COALESCE(OCTET_LENGTH(payload), OCTET_LENGTH(payload_bytes), 0)';
const body = (column: string): string => `IF(${SIZE} <= ${INLINE_BYTES}, ${column}, NULL)`;
const COLUMNS = `position, partition_no, ${CONTENT_COLUMNS.replace(', payload, payload_bytes', '')}, ${body('payload')}, ${body('payload_bytes')}, ${SIZE}`;

/**
 * Chooses the look for a lease; `null` when there is none.
 *
 * Who holds everything reads the table from its beginning: every row is his, but for topics that he does not route and
 * reservations, and the read ends after as many rows as were asked for. Who holds a part reads the beginning of each of
 * his topics in each of his partitions from the index, and merges them.
 *
 * @param topics - those to look for, as far as they are known
 */
export function frontLook(
  { messages }: Tables,
  partitions: readonly number[],
  topics: readonly string[] | null,
  limits: ReadRequest,
): FrontLook | null {
  if (partitions.length === PARTITIONS && limits.topics.kind === 'all') {
    return {
      sql: `SELECT ${COLUMNS} FROM ${messages} FORCE INDEX (PRIMARY) ORDER BY position LIMIT ${whole(limits.messages)}`,
      rowsPerSource: Number.POSITIVE_INFINITY,
    };
  }
  if (topics === null || topics.length === 0) return null;
  const sources = topics.length * partitions.length;
  if (sources > MOST_SOURCES) return null;
  const rows = Math.min(limits.messages, LEAST_ROWS + Math.ceil((2 * limits.messages) / sources));
  const positions = topics.flatMap((topic) =>
    partitions.map(
      (partition) =>
        `(SELECT position FROM ${messages} FORCE INDEX (outbox_messages_read) WHERE topic = ${text(topic)} AND partition_no = ${whole(partition)} ORDER BY position LIMIT ${whole(rows)})`,
    ),
  );
  const first = `SELECT position AS at FROM (${positions.join(' UNION ALL ')}) AS some ORDER BY position LIMIT ${whole(limits.messages)}`;
  return {
    sql: `SELECT ${COLUMNS} FROM (${first}) AS first STRAIGHT_JOIN ${messages} FORCE INDEX (PRIMARY) ON position = at`,
    rowsPerSource: rows,
  };
}

/** The messages of a look, within the limits; `null` when it takes a choice, or the look found too little. */
export function frontMessages(
  found: readonly MysqlRow[],
  token: string,
  limits: ReadRequest,
  look: FrontLook,
): readonly ClaimedMessage[] | null {
  const rows = found.toSorted((a, b) => (a[0] as number) - (b[0] as number));
  const horizon = horizonOf(rows, look.rowsPerSource);
  const own = rows.filter(
    (row) => row[1] !== null && (row[0] as number) <= horizon && limits.topics.matches(row[3] as string),
  );
  const complete = rows.length < limits.messages && horizon === Number.POSITIVE_INFINITY;
  if (!complete && own.length * 4 < limits.messages) return null;
  const messages: ClaimedMessage[] = [];
  let bytes = 0;
  for (const row of own) {
    const size = row[10] as number;
    bytes += size;
    if (messages.length > 0 && bytes > limits.bytes) break;
    if (size > INLINE_BYTES) return null;
    messages.push(freshMessage(row, token));
  }
  if (messages.length < limits.messages || limits.messages === 1) return messages;
  const hot = hotKey(
    messages,
    ({ topic }) => topic,
    ({ key }) => key,
  );
  return hot === null ? messages : null;
}

/** The last position before which nothing can be missing: where a source gave all it was asked for, it may have more. */
function horizonOf(rows: readonly MysqlRow[], rowsPerSource: number): number {
  if (rowsPerSource === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const counts = new Map<string, number>();
  for (const row of rows) {
    const source = `${String(row[1])} ${String(row[3])}`;
    const count = (counts.get(source) ?? 0) + 1;
    counts.set(source, count);
    if (count === rowsPerSource) return row[0] as number;
  }
  return Number.POSITIVE_INFINITY;
}
