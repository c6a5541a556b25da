import type { TopicFilter } from '@outrelay/core';
import type { Session } from './connection.ts';
import { NOW_MS, type Tables } from './tables.ts';

/** Lists the topics in a table by one probe of the index each, however many rows they have. */
export function presentTopics(table: string, condition: string): string {
  return `WITH RECURSIVE present (topic) AS (
    SELECT min(topic) FROM ${table} WHERE ${condition}
    UNION ALL
    SELECT (SELECT min(topic) FROM ${table} WHERE ${condition} AND topic > present.topic) FROM present WHERE present.topic IS NOT NULL
  ) SELECT topic FROM present WHERE topic IS NOT NULL`;
}

/** Answers which topics of a filter to read fresh messages of; `null` stands for all, which needs no condition. */
export function freshTopics({
  messages,
}: Tables): (session: Session, filter: TopicFilter) => readonly string[] | null {
  const sql = presentTopics(messages, 'TRUE');
  return (session, filter) => {
    if (filter.kind === 'all') return null;
    if (filter.kind === 'names') return filter.names;
    const present = session.rows(sql).map(([topic]) => topic as string);
    const accepted = present.filter((topic) => filter.matches(topic));
    return accepted.length === present.length ? null : accepted;
  };
}

/** Answers which topics of a filter have delayed rows whose time has come. */
export function dueTopics({ delayed }: Tables): (session: Session, filter: TopicFilter) => readonly string[] {
  const sql = `${presentTopics(delayed, 'available_at IS NOT NULL')} AND EXISTS (SELECT 1 FROM ${delayed} AS d WHERE d.topic = present.topic AND d.available_at <= ${NOW_MS})`;
  return (session, filter) =>
    session
      .rows(sql)
      .map(([topic]) => topic as string)
      .filter((topic) => filter.matches(topic));
}

/** Answers whether a relay with the filter would find work; rows it cannot route are not walked through. */
export function dueSomewhere(tables: Tables): (session: Session, filter: TopicFilter) => boolean {
  const topicsOf = freshTopics(tables);
  const delayedTopicsOf = dueTopics(tables);
  const any = `SELECT EXISTS (SELECT 1 FROM ${tables.messages})`;
  const anyOf = `SELECT EXISTS (SELECT 1 FROM ${tables.messages} WHERE topic IN (SELECT value FROM json_each(?)))`;
  return (session, filter) => {
    const topics = topicsOf(session, filter);
    const fresh = topics === null ? session.row(any) : session.row(anyOf, JSON.stringify(topics));
    return fresh?.[0] === 1 || delayedTopicsOf(session, filter).length > 0;
  };
}
