import type { SourceDelivery } from '@outrelay/core';
import { isOutboxError, type Rejection } from '@outrelay/core';
import type { Argument, Command } from './client.ts';
import type { DeadLetters } from './dead-letters.ts';
import { LEAVE, REJECT, SET_IDLE, TIDY } from './group-scripts.ts';
import type { Link } from './link.ts';
import { parseStreamEntry } from './parse-stream-entry.ts';
import type { RedisSourceSettings } from './source-options.ts';

/** How a delivery finds back to its entry. */
export interface EntryRef {
  readonly group: StreamGroup;
  readonly id: string;
  /** Names and values in turn. */
  readonly fields: readonly Buffer[];
}

/** An entry as Redis replies it; the fields are `null` when it was trimmed or deleted. */
type RawEntry = readonly [id: Buffer, fields: readonly Buffer[] | null];

/** A stream and some of its entries. */
type StreamEntries = readonly [stream: string, entries: readonly RawEntry[]];

/** Milliseconds after which the name of a consumer without entries is removed: an hour. */
const FORGOTTEN_MS = 3_600_000;
/** Ids in one call of a script, which blocks the server while it runs. */
const SCRIPT_IDS = 200;

/** One stream as a consumer group sees it, and what this consumer has of it in hands. */
export class StreamGroup {
  readonly stream: string;
  /** Ids in the hands of this process. */
  readonly out: Set<string> = new Set();
  readonly #link: Link;
  readonly #settings: RedisSourceSettings;
  readonly #deadLetters: DeadLetters;
  /** Whether the group has been there: one that vanished later begins anew at the beginning, so that nothing is lost. */
  #known = false;
  #exists = false;
  /** Where to go on in what this consumer had before; `null` when that is done. */
  #history: string | null;
  #claimCursor = '0-0';

  constructor(stream: string, link: Link, settings: RedisSourceSettings, deadLetters: DeadLetters) {
    this.stream = stream;
    this.#link = link;
    this.#settings = settings;
    this.#deadLetters = deadLetters;
    this.#history = settings.returns ? '0' : null;
  }

  /** Creates the group where it does not exist, and removes from it who has long been gone. */
  async ensure(): Promise<void> {
    if (this.#exists) return;
    const { group, start } = this.#settings;
    const create: Command = {
      name: 'XGROUP',
      args: ['CREATE', this.stream, group, this.#known ? '0' : start, 'MKSTREAM'],
    };
    try {
      await this.#link.send(this.stream, [create]);
      // What was in hands was in those of a group that is no more.
      this.out.clear();
    } catch (error) {
      if (!(isOutboxError(error) && (error as Error).message.includes('BUSYGROUP'))) throw error;
    }
    const forgottenMs = Math.max(FORGOTTEN_MS, 10 * this.#settings.idleMs);
    await this.#link.send(this.stream, [{ name: 'EVAL', args: [TIDY, 1, this.stream, group, forgottenMs] }]);
    this.#exists = true;
    this.#known = true;
  }

  /** The group was found missing, which on a cluster may mean no more than that its slot is on the move. */
  vanished(): void {
    this.#exists = false;
  }

  /** What this consumer had in hands before its process was started, a page at a time. */
  async returning(limit: number): Promise<readonly SourceDelivery[]> {
    if (this.#history === null) return [];
    const { group, consumer } = this.#settings;
    const [reply] = await this.#link.send(this.stream, [
      {
        name: 'XREADGROUP',
        args: ['GROUP', group, consumer, 'COUNT', limit, 'STREAMS', this.stream, this.#history],
      },
    ]);
    const entries = entriesOf(reply)[0]?.[1] ?? [];
    this.#history = entries.length < limit ? null : String(entries.at(-1)?.[0]);
    return this.#again(entries);
  }

  /** Takes over what other consumers have had in hands for too long without a sign of life. */
  async claim(
    limit: number,
  ): Promise<{ readonly deliveries: readonly SourceDelivery[]; readonly more: boolean }> {
    const { group, consumer, idleMs } = this.#settings;
    const [reply] = await this.#link.send(this.stream, [
      {
        name: 'XAUTOCLAIM',
        args: [this.stream, group, consumer, idleMs, this.#claimCursor, 'COUNT', limit],
      },
    ]);
    const [cursor, entries, deleted = []] = reply as [Buffer, RawEntry[], Buffer[] | undefined];
    this.#claimCursor = String(cursor);
    // Redis 7 has removed what was trimmed from the group and names it; Redis 6.2 leaves holes.
    this.#trimmed(deleted.map(String));
    return { deliveries: await this.#again(entries), more: this.#claimCursor !== '0-0' };
  }

  /** Turns new entries into deliveries. */
  fresh(entries: readonly RawEntry[]): readonly SourceDelivery[] {
    return entries.map(([id, fields]) => this.#delivery(String(id), fields ?? [], 1));
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    await this.#link.send(this.stream, [{ name: 'XACK', args: [this.stream, this.#settings.group, ...ids] }]);
    for (const id of ids) this.out.delete(id);
  }

  async reject(ref: EntryRef, { reason, error }: Rejection): Promise<void> {
    const { group } = this.#settings;
    const about: Argument[] = ['dead-stream', this.stream, 'dead-entry', ref.id, 'dead-group', group];
    about.push('dead-reason', reason, 'dead-error', error, 'dead-at', new Date().toISOString());
    const dead = this.#deadLetters(this.stream);
    await this.#link.send(this.stream, [
      { name: 'EVAL', args: [REJECT, 2, this.stream, dead, group, ref.id, ...ref.fields, ...about] },
    ]);
    this.out.delete(ref.id);
  }

  /** Makes entries available to other consumers at once. */
  async release(ids: readonly string[]): Promise<void> {
    await this.#setIdle(ids, this.#settings.idleMs);
    for (const id of ids) this.out.delete(id);
  }

  /** Tells that this process lives, so that what it has in hands stays with it. */
  refresh(): Promise<void> {
    return this.#setIdle([...this.out], 0);
  }

  /** Takes this consumer out of the group, unless it leaves something behind. */
  async leave(): Promise<void> {
    const { group, consumer } = this.#settings;
    if (this.#exists)
      await this.#link.send(this.stream, [{ name: 'EVAL', args: [LEAVE, 1, this.stream, group, consumer] }]);
  }

  async #setIdle(ids: readonly string[], idleMs: number): Promise<void> {
    const { group, consumer } = this.#settings;
    for (let at = 0; at < ids.length; at += SCRIPT_IDS) {
      const some = ids.slice(at, at + SCRIPT_IDS);
      await this.#link.send(this.stream, [
        { name: 'EVAL', args: [SET_IDLE, 1, this.stream, group, consumer, idleMs, ...some] },
      ]);
    }
  }

  /** Deliveries that somebody had before, with their counts; entries that are gone are told of and dropped. */
  async #again(entries: readonly (RawEntry | null)[]): Promise<readonly SourceDelivery[]> {
    const there = entries.filter((entry): entry is [Buffer, Buffer[]] => (entry?.[1] ?? null) !== null);
    const gone = entries.flatMap((entry) => (entry !== null && entry[1] === null ? [String(entry[0])] : []));
    if (gone.length > 0) await this.acknowledge(gone);
    this.#trimmed(gone);
    const mine = there.filter(([id]) => !this.out.has(String(id)));
    if (mine.length === 0) return [];
    const { group, consumer } = this.#settings;
    const [first, last] = [String(mine[0]?.[0]), String(mine.at(-1)?.[0])];
    const [pending] = await this.#link.send(this.stream, [
      { name: 'XPENDING', args: [this.stream, group, first, last, this.out.size + mine.length, consumer] },
    ]);
    const counts = new Map(
      (pending as [Buffer, Buffer, number, number][]).map(([id, , , count]) => [String(id), count]),
    );
    // Whoever has been handed out before counts as such, also when the count cannot be found.
    return mine.map(([id, fields]) =>
      this.#delivery(String(id), fields, Math.max(2, counts.get(String(id)) ?? 2)),
    );
  }

  #trimmed(ids: readonly string[]): void {
    const lost = ids.filter((id) => !this.out.has(id));
    if (lost.length > 0) this.#settings.onTrimmed?.(this.stream, lost);
  }

  #delivery(id: string, fields: readonly Buffer[], deliveryCount: number): SourceDelivery {
    this.out.add(id);
    const ref: EntryRef = { group: this, id, fields };
    const common = { place: `${this.stream} ${id}`, deliveryCount, ref };
    try {
      const { deduplicationId: _, ...message } = parseStreamEntry(fields);
      return { ...common, message, undecodable: null };
    } catch (error) {
      if (!isOutboxError(error)) throw error;
      return { ...common, message: null, undecodable: (error as Error).message };
    }
  }
}

/** Streams with their entries, as XREADGROUP replies them: pairs, or in RESP3 a map, which ioredis 6 flattens. */
export function entriesOf(reply: unknown): readonly StreamEntries[] {
  const list = (reply ?? []) as readonly unknown[];
  if (Array.isArray(list[0]))
    return (list as [Buffer, RawEntry[]][]).map(([name, entries]) => [String(name), entries]);
  const pairs: StreamEntries[] = [];
  for (let at = 0; at + 1 < list.length; at += 2)
    pairs.push([String(list[at]), list[at + 1] as readonly RawEntry[]]);
  return pairs;
}
