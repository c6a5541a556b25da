import { PARTITIONS, tablesOf } from '../../src/tables.ts';
import type { TestDatabase } from './database.ts';

/** Everything in a schema, with the numbers that tell a table from one that was made anew. */
const CONTENTS = `SELECT string_agg(thing, ' ' ORDER BY thing) AS contents FROM (
  SELECT 'relation ' || c.oid AS thing FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1
  UNION ALL SELECT 'trigger ' || t.oid FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1
  UNION ALL SELECT 'function ' || p.oid FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = $1
) AS things`;

/**
 * Schemas with the tables of an outbox and nothing in them. A clause gets one that another has used, emptied: to make
 * ten tables with their indexes, and to drop them, takes longer than most clauses.
 */
export class SpareSchemas {
  readonly #database: () => TestDatabase;
  readonly #contents = new Map<string, string | null>();
  readonly #free: string[] = [];

  constructor(database: () => TestDatabase) {
    this.#database = database;
  }

  /** A schema that is as good as new; `undefined` when there is none. */
  take(): string | undefined {
    return this.#free.pop();
  }

  /** Remembers what is in a schema to which the migrations were just applied. */
  async register(schema: string): Promise<void> {
    this.#contents.set(schema, await this.#contentsOf(schema));
  }

  /** Empties a schema, to be taken again; answers `false` when it is not what it was, and nobody should take it. */
  async giveBack(schema: string): Promise<boolean> {
    const contents = this.#contents.get(schema);
    if (contents === undefined || contents !== (await this.#contentsOf(schema))) return false;
    const { partitions, leases, messages, delayed, ...others } = tablesOf(schema, '');
    const { deadLetters, history, receipts, attempts, parked } = others;
    const used = [messages, delayed, leases, partitions, deadLetters, history, receipts, attempts, parked];
    await this.#database().admin.query(
      [
        'BEGIN',
        ...used.map((table) => `DELETE FROM ${table}`),
        `INSERT INTO ${partitions} (partition_no) SELECT generate_series(0, ${PARTITIONS - 1})`,
        'COMMIT',
      ].join('; '),
    );
    this.#free.push(schema);
    return true;
  }

  async #contentsOf(schema: string): Promise<string | null> {
    const { rows } = await this.#database().admin.query<{ contents: string | null }>(CONTENTS, [schema]);
    return rows[0]?.contents ?? null;
  }
}
