import { deduplicationId } from '@outrelay/core';

/**
 * @typedef {object} Ref what a message carries so that its outcome finds back to its row
 * @property {number} position
 * @property {string} token the lease that yielded it
 */

/**
 * Rows that may be published now: their time has come, and no earlier message of their key waits for a retry or stands
 * for a blocking dead letter (S2.8, S2.9, S3.11, S4.12).
 *
 * @param {string} schema
 */
export function dueRows(schema) {
  return `
    SELECT m.* FROM ${schema}.messages AS m
    LEFT JOIN (
      SELECT topic, message_key, min(position) AS first FROM ${schema}.messages
      WHERE message_key IS NOT NULL AND (blocks OR (tried AND available_at > clock_timestamp()))
      GROUP BY topic, message_key
    ) AS w ON w.topic = m.topic AND w.message_key = m.message_key
    WHERE NOT m.blocks AND (m.available_at IS NULL OR m.available_at <= clock_timestamp())
      AND (w.first IS NULL OR m.position < w.first)
      AND ($1::text[] IS NULL OR m.topic = ANY ($1))`;
}

/**
 * The topics that a filter accepts of those that are there; `null` for all.
 *
 * @param {import('@electric-sql/pglite').Transaction} tx
 * @param {string} schema
 * @param {import('@outrelay/core').TopicFilter} filter
 * @returns {Promise<readonly string[] | null>}
 */
export async function topicsOf(tx, schema, filter) {
  if (filter.kind === 'all') return null;
  if (filter.kind === 'names') return filter.names;
  const { rows } = await tx.query(`SELECT DISTINCT topic FROM ${schema}.messages`);
  return rows
    .map((row) => /** @type {{ topic: string }} */ (row).topic)
    .filter((topic) => filter.matches(topic));
}

/**
 * Yields what is due, the oldest first (S2.7), or one suspect alone (S5.8).
 *
 * @param {string} schema
 */
export function reader(schema) {
  const due = dueRows(schema);
  // One key gets no more than half of a read while others have something due (S3.17).
  const fair = `
    SELECT *, (extract(epoch FROM created_at) * 1000)::float8 AS created_ms FROM (
      SELECT *, row_number() OVER (PARTITION BY topic, coalesce(message_key, id), message_key IS NULL ORDER BY position)
        > ceil($2::int / 2.0) AS beyond FROM (${due}) AS due
    ) AS ranked ORDER BY beyond, position LIMIT $2`;

  /**
   * @param {import('@electric-sql/pglite').Transaction} tx
   * @param {import('@outrelay/core').Lease} lease
   * @param {import('@outrelay/core').ReadRequest} request
   * @returns {Promise<import('@outrelay/core').ClaimedMessage[]>}
   */
  return async (tx, { token }, request) => {
    // Who has lost the lease, or given it back, gets nothing (S3.5).
    const held = await tx.query(`SELECT 1 FROM ${schema}.lease WHERE token = $1 AND NOT released`, [token]);
    if (held.rows.length === 0) return [];
    const topics = await topicsOf(tx, schema, request.topics);
    // One by one while any is under suspicion, in their order.
    const { rows: suspects } = await tx.query(`SELECT 1 FROM ${schema}.messages WHERE suspect LIMIT 1`);
    const { rows } = await tx.query(fair, [topics, suspects.length === 0 ? request.messages : 1]);
    const chosen = within(/** @type {Row[]} */ (rows), request.bytes);
    const [first] = chosen;
    if (first === undefined) return [];
    if (first.suspect) {
      // Charged before it is handed out: whatever dies now, it was this message.
      await tx.query(`UPDATE ${schema}.messages SET attempts = attempts + 1 WHERE position = $1`, [
        first.position,
      ]);
      return [message(first, token)];
    }
    const last = chosen.reduce((highest, { position }) => Math.max(highest, position), 0);
    await tx.query(`UPDATE ${schema}.lease SET read_up_to = greatest(read_up_to, $1)`, [last]);
    return chosen.map((row) => message(row, token));
  };
}

/**
 * @typedef {object} Row
 * @property {number} position
 * @property {string} id
 * @property {string} topic
 * @property {string | null} message_key
 * @property {string} headers
 * @property {Uint8Array | null} payload
 * @property {string} content_type
 * @property {number} created_ms
 * @property {number} attempts
 * @property {boolean} suspect
 */

/**
 * In the order of append, up to so many bytes, at least one (S3.2): a smaller message behind one that does not fit must
 * not pass it (S2.1).
 *
 * @param {readonly Row[]} rows
 * @param {number} limit
 */
function within(rows, limit) {
  const ordered = rows.toSorted((a, b) => a.position - b.position);
  let bytes = 0;
  const end = ordered.findIndex(({ payload }, at) => (bytes += payload?.byteLength ?? 0) > limit && at > 0);
  return end === -1 ? ordered : ordered.slice(0, end);
}

/**
 * @param {Row} row
 * @param {string} token
 * @returns {import('@outrelay/core').ClaimedMessage}
 */
function message(row, token) {
  /** @type {Record<string, string>} */
  let headers = {};
  let undecodable = null;
  try {
    headers = JSON.parse(row.headers);
  } catch {
    // A row that nobody can read is a message that nobody can publish, and no reason to stop (S3.15).
    undecodable = 'the headers are not JSON';
  }
  return {
    id: row.id,
    topic: row.topic,
    key: row.message_key,
    headers,
    payload: row.payload,
    contentType: row.content_type,
    createdAt: new Date(row.created_ms),
    deduplicationId: deduplicationId(row.id, 0),
    attempt: row.attempts + 1,
    undecodable,
    ref: { position: row.position, token },
  };
}
