import type { SqliteRow, SqliteValue } from './client.ts';
import type { Session } from './connection.ts';

/** Topics in one statement: SQLite merges as many sources at once, and takes at most 500. */
const TOPICS_PER_STATEMENT = 64;

/** Rows of one table that can be had in order, topic by topic, from an index. */
export interface OrderedSource {
  /** The first one is the column of the order, a number. */
  readonly columns: string;
  readonly from: string;
  /** Holds for every row; may have parameters. */
  readonly where: string;
}

/**
 * The statement for the first rows of several topics together.
 *
 * `topic IN (…)` would make SQLite read and sort everything those topics have. As one source per topic, each in the
 * order of its index, they are merged, and reading ends with the limit.
 */
function mergeSql({ columns, from, where }: OrderedSource, topics: number | null): string {
  const source = (condition: string): string => `SELECT ${columns} FROM ${from} WHERE ${condition}${where}`;
  const sources =
    topics === null ? [source('')] : Array.from({ length: topics }, () => source('topic = ? AND '));
  return `${sources.join(' UNION ALL ')} ORDER BY 1 LIMIT ?`;
}

/** The statement for a number of topics. */
export type MergeStatements = (topics: number | null) => string;

/** Remembers {@link mergeSql} for each number of topics; `wrap` may put a statement around it. */
export function mergeStatements(
  source: OrderedSource,
  wrap: (sql: string) => string = (sql) => sql,
): MergeStatements {
  const known = new Map<number | null, string>();
  return (topics) => {
    const sql = known.get(topics) ?? wrap(mergeSql(source, topics));
    known.set(topics, sql);
    return sql;
  };
}

/**
 * The first `limit` rows of the topics, in order; `null` stands for all topics.
 *
 * @param parameters - those of the source
 * @param rest - those that follow: the limit, and what a wrapping statement takes
 */
export function mergeTopics(
  session: Session,
  sqlOf: MergeStatements,
  topics: readonly string[] | null,
  parameters: readonly SqliteValue[],
  rest: readonly SqliteValue[],
  limit: number,
): readonly SqliteRow[] {
  if (topics === null) return session.rows(sqlOf(null), ...parameters, ...rest);
  const found: SqliteRow[] = [];
  for (let from = 0; from < topics.length; from += TOPICS_PER_STATEMENT) {
    const part = padded(topics.slice(from, from + TOPICS_PER_STATEMENT));
    found.push(
      ...session.rows(sqlOf(part.length), ...part.flatMap((topic) => [topic, ...parameters]), ...rest),
    );
  }
  if (topics.length <= TOPICS_PER_STATEMENT) return found;
  return found.toSorted((a, b) => (a[0] as number) - (b[0] as number)).slice(0, limit);
}

/** Fills up to a power of two with a topic that cannot exist, so that there are few statements to prepare. */
function padded(topics: readonly string[]): readonly string[] {
  const length = 2 ** Math.ceil(Math.log2(topics.length));
  return [...topics, ...new Array<string>(length - topics.length).fill('')];
}
