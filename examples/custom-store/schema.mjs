/**
 * The tables of one outbox, in a PostgreSQL schema of their own.
 *
 * `messages` holds what has not been settled for good, `dead_letters` what was given up, and `lease` has one row: this
 * store is held as a whole.
 *
 * @param {string} schema a plain name: it becomes part of the SQL
 */
export function tables(schema) {
  if (!/^[a-z_][a-z0-9_]*$/.test(schema))
    throw new TypeError(`Expected a plain name for the schema; got "${schema}".`);
  return `
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE TABLE IF NOT EXISTS ${schema}.messages (
      -- Draws the order of append. It orders a key and is never a cursor: a low one may commit late.
      position bigserial PRIMARY KEY,
      id text NOT NULL UNIQUE DEFAULT gen_random_uuid(),
      topic text NOT NULL,
      message_key text,
      headers text NOT NULL DEFAULT '{}',
      payload bytea,
      content_type text NOT NULL DEFAULT 'application/json',
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      -- NULL for most: available at once.
      available_at timestamptz,
      -- Whether it was tried before: then later messages of its key wait for it, until available_at and beyond.
      tried boolean NOT NULL DEFAULT false,
      attempts int NOT NULL DEFAULT 0,
      -- It was read under a lease that simply ended, so it may be what ended the relay.
      suspect boolean NOT NULL DEFAULT false,
      -- It stands for a dead letter that its key waits for.
      blocks boolean NOT NULL DEFAULT false
    );
    CREATE TABLE IF NOT EXISTS ${schema}.dead_letters (
      number bigserial PRIMARY KEY,
      id text NOT NULL, topic text NOT NULL, message_key text, headers text NOT NULL, payload bytea,
      content_type text NOT NULL, created_at timestamptz NOT NULL, attempts int NOT NULL,
      reason text NOT NULL, error text NOT NULL, dead_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE TABLE IF NOT EXISTS ${schema}.lease (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      token text, relay text, released boolean NOT NULL DEFAULT true,
      expires_at timestamptz NOT NULL DEFAULT '-infinity',
      -- The last position that was read under it: what has to be suspected when it ends without a release.
      read_up_to bigint NOT NULL DEFAULT 0
    );
    INSERT INTO ${schema}.lease DEFAULT VALUES ON CONFLICT DO NOTHING;
  `;
}
