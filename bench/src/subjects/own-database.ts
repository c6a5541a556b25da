import { Client } from 'pg';

/** Creates an empty database of the given name on a PostgreSQL server unless it is there, and answers with its URL. */
export async function ownDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Rows that one INSERT of a filling has. */
const PART = 5_000;

/** Inserts messages number 0 to `count - 1`; the statement takes arrays of ids, keys and payloads. */
export async function fillInParts(
  count: number,
  insert: (ids: readonly string[], keys: readonly string[], payloads: readonly string[]) => Promise<unknown>,
  content: (n: number) => readonly [id: string, key: string, payload: string],
): Promise<void> {
  for (let from = 0; from < count; from += PART) {
    const part = Array.from({ length: Math.min(PART, count - from) }, (_, at) => content(from + at));
    await insert(
      part.map(([id]) => id),
      part.map(([, key]) => key),
      part.map(([, , payload]) => payload),
    );
  }
}
