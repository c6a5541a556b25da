import { ACCEPTED, type OutboxError, type PublishResult } from '@outrelay/core';
import type { Entry } from './entry.ts';
import type { Redirect } from './outcome.ts';

/** How much goes into one chunk. */
export interface ChunkLimits {
  readonly chunkMessages: number;
  readonly chunkBytes: number;
}

/** How often a line is sent elsewhere within one call before it gives up. */
const MAX_DETOURS = 5;

/**
 * What one call has for one stream: entries that go out in chunks, one chunk after the other.
 *
 * States: open (there may be chunks to take) → ended (what is left was not sent, and stays `withheld`). After an
 * entry that was not accepted, no later one of its lane (topic and key) is taken.
 */
export class Line {
  readonly stream: string;
  /** Set for the next chunk alone when the cluster asked for that. */
  redirect: Redirect | null = null;
  readonly #entries: Entry[] = [];
  readonly #results: PublishResult[];
  readonly #blocked = new Set<string>();
  #next = 0;
  #detours = 0;
  #ended = false;

  /** @param results - of the whole call, `withheld` from the start */
  constructor(stream: string, results: PublishResult[]) {
    this.stream = stream;
    this.#results = results;
  }

  /** Whether a chunk may be left to take. */
  get hasMore(): boolean {
    return !this.#ended && this.#next < this.#entries.length;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Takes the next chunk; empty when there is nothing left to send. */
  take(limits: ChunkLimits): readonly Entry[] {
    const chunk: Entry[] = [];
    let bytes = 0;
    while (!this.#ended && this.#next < this.#entries.length) {
      const entry = this.#entries[this.#next] as Entry;
      if (entry.lane === null || !this.#blocked.has(entry.lane)) {
        bytes += entry.bytes;
        const full = chunk.length === limits.chunkMessages || bytes > limits.chunkBytes;
        if (full && chunk.length > 0) break;
        chunk.push(entry);
      }
      this.#next++;
    }
    return chunk;
  }

  accept(chunk: readonly Entry[]): void {
    for (const { at } of chunk) this.#results[at] = ACCEPTED;
  }

  /** One entry will never be taken; those behind it in the chunk are taken again. */
  reject(entry: Entry, error: OutboxError): void {
    this.#results[entry.at] = { status: 'rejected', error };
    if (entry.lane !== null) this.#blocked.add(entry.lane);
    this.#rewind(entry);
    this.#next++;
  }

  /** The stream takes nothing: the first entry of each lane fails, and the line ends. */
  fail(chunk: readonly Entry[], error: OutboxError): void {
    for (const { at, lane } of chunk) {
      if (lane !== null && this.#blocked.has(lane)) continue;
      this.#results[at] = { status: 'failed', error };
      if (lane !== null) this.#blocked.add(lane);
    }
    this.end();
  }

  /** No server has the stream: what is left fails like a chunk. */
  unserved(error: OutboxError): void {
    this.fail(this.#entries.slice(this.#next), error);
  }

  /** The chunk may be stored or not: the line ends. */
  doubt(chunk: readonly Entry[], error: OutboxError): void {
    for (const { at } of chunk) this.#results[at] = { status: 'unknown', error };
    this.end();
  }

  /** Nothing of the chunk was stored, and the next try may go elsewhere; `false` when that was tried often enough. */
  detour(chunk: readonly Entry[], redirect: Redirect | null): boolean {
    if (++this.#detours > MAX_DETOURS) return false;
    this.redirect = redirect;
    this.again(chunk);
    return true;
  }

  /** Nothing of the chunk was stored or refused: it is taken again. */
  again(chunk: readonly Entry[]): void {
    this.#rewind(chunk[0] as Entry);
  }

  /** Nothing more is sent. */
  end(): void {
    this.#ended = true;
  }

  #rewind(entry: Entry): void {
    this.#next = this.#entries.lastIndexOf(entry, this.#next - 1);
  }
}
