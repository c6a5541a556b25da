/** Milliseconds since 1970 by the clock of the database, in SQL that every version of SQLite knows. */
export const NOW_MS = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

/** The tables of one installation, each as `main."name"`: a temporary or attached table of that name is not meant. */
export interface Tables {
  readonly messages: string;
  readonly delayed: string;
  readonly partitions: string;
  readonly deadLetters: string;
  readonly history: string;
  readonly receipts: string;
  readonly attempts: string;
  readonly parked: string;
  readonly schema: string;
  /** The plain names, in an order in which they can be dropped. */
  readonly names: readonly string[];
  /** Where the last position is kept; see https://www.sqlite.org/autoinc.html */
  readonly sequence: string;
  /** The name that the sequence has there, as a literal. */
  readonly sequenceName: string;
  /** The quoted name of an index, and the same with its schema. */
  index(name: string): { readonly name: string; readonly qualified: string };
}

/** Names the tables of the installation with this prefix, which options have checked. */
export function tablesOf(prefix: string): Tables {
  const qualified = (name: string): string => `main."${prefix}${name}"`;
  const names = [
    'outbox_messages',
    'outbox_delayed',
    'outbox_partitions',
    'outbox_dead_letters',
    'outbox_history',
    'inbox_receipts',
    'inbox_attempts',
    'inbox_parked',
    'outrelay_schema',
  ] as const;
  const [messages, delayed, partitions, deadLetters, history, receipts, attempts, parked, schema] = names;
  return {
    messages: qualified(messages),
    delayed: qualified(delayed),
    partitions: qualified(partitions),
    deadLetters: qualified(deadLetters),
    history: qualified(history),
    receipts: qualified(receipts),
    attempts: qualified(attempts),
    parked: qualified(parked),
    schema: qualified(schema),
    names: names.map((name) => `${prefix}${name}`),
    sequence: 'main.sqlite_sequence',
    sequenceName: `'${prefix}${messages}'`,
    index: (name) => ({ name: `"${prefix}${name}"`, qualified: qualified(name) }),
  };
}
