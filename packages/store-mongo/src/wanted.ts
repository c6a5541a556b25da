import type { MongoDocument } from './client.ts';
import { fromNow } from './collections.ts';
import type { Connection } from './connection.ts';

/** Milliseconds that a mark lasts unless it is made again. */
const MARK_MS = 3_000;
/** Milliseconds that a relay waits before it asks the same holder again. */
const ASK_AGAIN_MS = 250;
/** Milliseconds after a hand-over in which the holder is not asked again. */
const QUIET_MS = 500;

/** What others wait for at a holder. */
export interface Wanted {
  /** How many relays wait. */
  readonly relays: number;
  /** Partitions in which they have seen something due. */
  readonly partitions: ReadonlySet<number>;
  /** Milliseconds that the first of them has waited. */
  readonly waitedMs: number;
}

/**
 * Marks by which a relay that finds due messages but nothing free asks holders for a part, one per holder and relay.
 *
 * They are documents of their own: on the partitions they would be in the way of the holder's settlements.
 */
export class WantedMarks {
  readonly #connection: Connection;
  readonly #asked = new Map<string, number>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Marks what the relay wants of the partitions of others. */
  async ask(relay: string, partitions: readonly MongoDocument[]): Promise<void> {
    const byToken = groupByToken(partitions);
    for (const [token, numbers] of byToken) {
      const mark = `${token}/${relay}`;
      if (performance.now() - (this.#asked.get(mark) ?? Number.NEGATIVE_INFINITY) < ASK_AGAIN_MS) continue;
      this.#asked.set(mark, performance.now());
      const fields = {
        token,
        partitions: numbers,
        since: { $cond: [{ $gt: ['$until', '$$NOW'] }, '$since', '$$NOW'] },
        until: fromNow(MARK_MS),
        quiet_until: { $ifNull: ['$quiet_until', '$$NOW'] },
      };
      await this.#marks.updateOne({ _id: mark }, [{ $set: fields }], { upsert: true });
    }
    for (const [id, at] of this.#asked) if (performance.now() - at > MARK_MS) this.#asked.delete(id);
  }

  /** What others want of the holder of a token; `null` when nobody asks. */
  async of(token: string): Promise<Wanted | null> {
    const pipeline = [
      { $match: { token } },
      { $project: { partitions: 1, since: 1, until: 1, quiet_until: 1, now: '$$NOW' } },
    ];
    const rows = (await this.#marks.aggregate(pipeline).toArray()) as MongoDocument[];
    const asking = rows.filter(
      (row) =>
        (row['until'] as Date) > (row['now'] as Date) && (row['quiet_until'] as Date) <= (row['now'] as Date),
    );
    if (asking.length === 0) return null;
    const waited = asking.map((row) => (row['now'] as Date).getTime() - (row['since'] as Date).getTime());
    return {
      relays: asking.length,
      partitions: new Set(asking.flatMap((row) => row['partitions'] as number[])),
      waitedMs: Math.max(...waited),
    };
  }

  /** Takes the marks of a holder away, or keeps them but quiet for a moment, so that it can work in between. */
  async answer(token: string, satisfied: boolean): Promise<void> {
    if (satisfied) await this.#marks.deleteMany({ token });
    else await this.#marks.updateMany({ token }, [{ $set: { quiet_until: fromNow(QUIET_MS) } }]);
  }

  /** Removes the marks of a holder that is none any more. */
  async forget(token: string): Promise<void> {
    await this.#marks.deleteMany({ token });
  }

  get #marks(): ReturnType<Connection['database']['collection']> {
    return this.#connection.database.collection('wanted');
  }
}

function groupByToken(partitions: readonly MongoDocument[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const row of partitions) {
    const token = row['token'] as string;
    groups.set(token, [...(groups.get(token) ?? []), row['_id'] as number]);
  }
  return groups;
}
