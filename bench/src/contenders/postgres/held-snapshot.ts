import { Client } from 'pg';
import type { Setting } from '../../harness/contender.ts';

/** Where the option `snapshot` is `held`, opens a transaction that reads and stays open, as reports and dumps do. */
export async function holdSnapshot(url: string, { options }: Setting): Promise<{ end(): Promise<void> }> {
  if (options['snapshot'] !== 'held') return { end: async () => {} };
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await client.query('SELECT count(*) FROM pg_class');
  return { end: () => client.end() };
}
