import type { SourceDelivery } from '@outrelay/core';
import { GroupMissing, type Link } from './link.ts';
import type { RedisSourceSettings } from './source-options.ts';
import { entriesOf, type StreamGroup } from './stream-group.ts';

/** A read that waits, or has just begun. */
export interface Read {
  /** Whether this call began it, or one before. */
  readonly begun: boolean;
  /** How many entries it brought; they are with `take` by then. */
  readonly count: Promise<number>;
}

/**
 * Reads new entries of streams that one command can read together: all streams of a server, or those of one slot of a
 * cluster. Its reads block, so that the connection is its own, and there is one at a time.
 */
export class Reader {
  readonly #groups: readonly StreamGroup[];
  readonly #link: Link;
  readonly #settings: RedisSourceSettings;
  readonly #take: (deliveries: readonly SourceDelivery[]) => void;
  #reading: Promise<number> | null = null;

  /** @param take - gets what comes, also when whoever began the read has gone on without it */
  constructor(
    groups: readonly StreamGroup[],
    link: Link,
    settings: RedisSourceSettings,
    take: (deliveries: readonly SourceDelivery[]) => void,
  ) {
    this.#groups = groups;
    this.#link = link;
    this.#settings = settings;
    this.#take = take;
  }

  /** Begins a read that blocks so long at most, unless one is under way. */
  read(limit: number, blockMs: number): Read {
    const begun = this.#reading === null;
    this.#reading ??= this.#read(limit, blockMs).finally(() => {
      this.#reading = null;
    });
    return { begun, count: this.#reading };
  }

  /** Waits for the read under way, whatever becomes of it, and ends the connection. */
  async close(): Promise<void> {
    await this.#reading?.catch(() => {});
    await this.#link.close();
  }

  async #read(limit: number, blockMs: number): Promise<number> {
    const { group, consumer } = this.#settings;
    const streams = this.#groups.map(({ stream }) => stream);
    const block = blockMs > 0 ? ['BLOCK', blockMs] : [];
    const args = ['GROUP', group, consumer, 'COUNT', limit, ...block, 'STREAMS', ...streams];
    args.push(...streams.map(() => '>'));
    try {
      const [reply] = await this.#link.send(streams[0] as string, [{ name: 'XREADGROUP', args }], blockMs);
      const deliveries = entriesOf(reply).flatMap(
        ([stream, entries]) => this.#groups.find((one) => one.stream === stream)?.fresh(entries) ?? [],
      );
      this.#take(deliveries);
      return deliveries.length;
    } catch (error) {
      if (error instanceof GroupMissing) for (const one of this.#groups) one.vanished();
      throw error;
    }
  }
}

/**
 * Waits until one of several reads has brought something, or all that were begun now have ended; throws when nothing
 * came and one of them failed.
 */
export async function firstOf(reads: readonly Read[]): Promise<void> {
  const begun = reads.filter((read) => read.begun);
  const awaited = new Set(begun.length > 0 ? begun : reads);
  let failure: Error | null = null as Error | null;
  const found = await new Promise<boolean>((resolve) => {
    for (const read of reads) {
      const ended = (): void => {
        awaited.delete(read);
        if (awaited.size === 0) resolve(false);
      };
      read.count.then(
        (count) => (count > 0 ? resolve(true) : ended()),
        (error: unknown) => {
          failure ??= error as Error;
          ended();
        },
      );
    }
  });
  if (!found && failure !== null) throw failure;
}
