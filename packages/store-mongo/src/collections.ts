/** Milliseconds that are added to the clock of the server, in the language of updates and pipelines. */
export function fromNow(ms: number): object {
  return { $add: ['$$NOW', ms] };
}

/** The names of the collections of one installation. */
export interface Collections {
  readonly messages: string;
  readonly delayed: string;
  readonly chains: string;
  readonly partitions: string;
  readonly wanted: string;
  readonly deadLetters: string;
  readonly history: string;
  readonly receipts: string;
  readonly attempts: string;
  readonly parked: string;
  readonly positions: string;
  readonly locks: string;
  readonly schema: string;
  readonly names: readonly string[];
}

/** Names the collections of the installation with this prefix, which options have checked. */
export function collectionsOf(prefix: string): Collections {
  const collections = {
    messages: `${prefix}outbox_messages`,
    delayed: `${prefix}outbox_delayed`,
    chains: `${prefix}outbox_chains`,
    partitions: `${prefix}outbox_partitions`,
    wanted: `${prefix}outbox_wanted`,
    deadLetters: `${prefix}outbox_dead_letters`,
    history: `${prefix}outbox_history`,
    receipts: `${prefix}inbox_receipts`,
    attempts: `${prefix}inbox_attempts`,
    parked: `${prefix}inbox_parked`,
    positions: `${prefix}outbox_positions`,
    locks: `${prefix}outbox_locks`,
    schema: `${prefix}outrelay_schema`,
  };
  return { ...collections, names: Object.values(collections) };
}
