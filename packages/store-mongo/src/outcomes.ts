import type { ClaimedMessage, DeadSettlement, RetrySettlement } from '@outrelay/core';
import type { MongoDocument, MongoSession } from './client.ts';
import { updateChains } from './chains.ts';
import type { Database } from './database.ts';
import { letterRow } from './letter-row.ts';
import type { MongoStoreSettings } from './options.ts';
import { chainOf } from './partition.ts';
import { headerList, refOf } from './row.ts';
import { delayedRow } from './upkeep.ts';

/**
 * Collects what outcomes come to, and writes it with few commands.
 *
 * Every verb answers whether the document was there as it was yielded: a settle that is repeated finds it gone, charged
 * or with another time.
 */
export class Outcomes {
  readonly #now: Date;
  readonly #history: MongoStoreSettings['history'];
  readonly #fresh: ReadonlyMap<string, MongoDocument>;
  readonly #delayed: ReadonlyMap<string, MongoDocument>;
  readonly #goneFresh: unknown[] = [];
  readonly #goneDelayed: unknown[] = [];
  readonly #newDelayed: MongoDocument[] = [];
  readonly #changes: object[] = [];
  readonly #letters: MongoDocument[] = [];
  readonly #sent: MongoDocument[] = [];
  readonly #chains = new Set<string>();

  /** @param rows - the documents of all messages, as the transaction sees them */
  constructor(
    now: Date,
    history: MongoStoreSettings['history'],
    rows: { readonly fresh: readonly MongoDocument[]; readonly delayed: readonly MongoDocument[] },
  ) {
    this.#now = now;
    this.#history = history;
    const byId = (list: readonly MongoDocument[]): ReadonlyMap<string, MongoDocument> =>
      new Map(list.map((row) => [String(row['_id']), row]));
    this.#fresh = byId(rows.fresh);
    this.#delayed = byId(rows.delayed);
  }

  accept(message: ClaimedMessage): boolean {
    const row = this.#remove(message);
    if (row === null) return false;
    if (this.#history !== 'none') this.#sent.push(historyRow(message, this.#now, this.#history));
    return true;
  }

  retry({ message, delayMs, error }: RetrySettlement): boolean {
    const row = this.#row(message);
    if (row === null) return false;
    const ref = refOf(message);
    const chain = chainOfMessage(message);
    const state = {
      available_at: new Date(this.#now.getTime() + delayMs),
      attempts: message.attempt,
      last_error: error,
      blocks: chain !== null,
      chain,
    };
    if (ref.delayed === null) {
      this.#goneFresh.push(row['_id']);
      this.#newDelayed.push(delayedRow(row, state));
    } else {
      const before = ref.delayed.availableAt?.getTime();
      // A row that was behind another has a time since a settle of that one made it the first of its chain.
      if (before !== undefined && (row['available_at'] as Date | null)?.getTime() !== before) return false;
      this.#changes.push({ updateOne: { filter: { _id: row['_id'] }, update: { $set: state } } });
    }
    this.#touch(chain);
    return true;
  }

  die({ message, reason, error, block }: DeadSettlement): boolean {
    const chain = chainOfMessage(message);
    const row = this.#row(message);
    if (row === null) return false;
    const { delayed } = refOf(message);
    const redrives = (row['redrives'] as number | undefined) ?? 0;
    this.#letters.push(
      letterRow(row, { attempts: message.attempt, redrives, reason, error, block }, this.#now),
    );
    const marker = { dead: true, blocks: true, chain, available_at: null, headers: [], payload: null };
    const leavesMarker = block && chain !== null;
    if (delayed === null) {
      this.#goneFresh.push(row['_id']);
      if (leavesMarker) this.#newDelayed.push(delayedRow(row, marker));
    } else if (leavesMarker) {
      this.#changes.push({
        updateOne: { filter: { _id: row['_id'] }, update: { $set: { ...marker, last_error: null } } },
      });
    } else {
      this.#goneDelayed.push(row['_id']);
    }
    if (delayed !== null || leavesMarker) this.#touch(chain);
    return true;
  }

  giveBack(message: ClaimedMessage): boolean {
    const row = this.#row(message);
    if (row === null) return false;
    // It never reached the broker, so the charge for being a suspect is taken back.
    if (refOf(message).suspect)
      this.#changes.push({
        updateOne: { filter: { _id: row['_id'] }, update: { $inc: { attempts: -1 } } },
      });
    return true;
  }

  /** Sends everything that was collected. */
  async write(database: Database, session: MongoSession): Promise<void> {
    const remove = async (name: 'messages' | 'delayed', ids: readonly unknown[]): Promise<void> => {
      if (ids.length > 0) await database.collection(name).deleteMany({ _id: { $in: ids } }, { session });
    };
    const insert = async (
      name: 'delayed' | 'deadLetters' | 'history',
      rows: MongoDocument[],
    ): Promise<void> => {
      if (rows.length > 0) await database.collection(name).insertMany(rows, { session });
    };
    await remove('messages', this.#goneFresh);
    await remove('delayed', this.#goneDelayed);
    await insert('delayed', this.#newDelayed);
    if (this.#changes.length > 0) await database.collection('delayed').bulkWrite(this.#changes, { session });
    await insert('deadLetters', this.#letters);
    await insert('history', this.#sent);
    await updateChains(database, [...this.#chains], this.#now, session);
  }

  #remove(message: ClaimedMessage): MongoDocument | null {
    const row = this.#row(message);
    if (row === null) return null;
    if (refOf(message).delayed === null) {
      this.#goneFresh.push(row['_id']);
      return row;
    }
    this.#goneDelayed.push(row['_id']);
    this.#touch(chainOfMessage(message));
    return row;
  }

  /** The document of a message, when it is as it was yielded. */
  #row(message: ClaimedMessage): MongoDocument | null {
    const { row: id, delayed } = refOf(message);
    const rows = delayed === null ? this.#fresh : this.#delayed;
    const row = rows.get(String(id));
    if (row === undefined) return null;
    if (delayed !== null && (row['dead'] === true || row['attempts'] !== delayed.attempts)) return null;
    return row;
  }

  #touch(chain: string | null): void {
    if (chain !== null) this.#chains.add(chain);
  }
}

/** What is remembered of a sent message. */
export function historyRow(
  message: ClaimedMessage,
  sentAt: Date,
  history: MongoStoreSettings['history'],
): MongoDocument {
  const { id, topic, key, createdAt, attempt, contentType, headers, payload } = message;
  const summary = { id, topic, message_key: key, created_at: createdAt, sent_at: sentAt, attempts: attempt };
  if (history !== 'full') return summary;
  return { ...summary, content_type: contentType, headers: headerList(headers), payload };
}

function chainOfMessage({ topic, key }: ClaimedMessage): string | null {
  return key === null ? null : chainOf(topic, key);
}
