import type { LogEntry, LogFollower, LogPosition, LogStream } from '@outrelay/core';
import type { Tables } from '../tables.ts';
import { isFinal, logFailure } from './log-errors.ts';
import { logEntry } from './log-entry.ts';
import type { LogEvent } from './pgoutput.ts';
import type { ReplicationClient, ReplicationClientFactory } from './replication-client.ts';
import type { LogNames } from './slot.ts';
import { WalStream } from './wal-stream.ts';

/** Milliseconds between status messages: `wal_sender_timeout` is a minute unless it was changed. */
const STATUS_MS = 1_000;
/** Waits between attempts to connect again, in milliseconds. */
const RECONNECT = { minMs: 100, maxMs: 5_000 };

/**
 * Follows a slot, and connects again when the connection breaks, from the position that was confirmed. Ends for good
 * when the slot is gone or was given up.
 */
export async function followLog(
  open: ReplicationClientFactory,
  names: LogNames,
  tables: Tables,
  follower: LogFollower,
): Promise<LogStream> {
  const following = new SlotFollowing(open, names, tables, follower);
  await following.connect();
  return following;
}

class SlotFollowing implements LogStream {
  readonly #open: ReplicationClientFactory;
  readonly #names: LogNames;
  readonly #tables: Tables;
  readonly #follower: LogFollower;
  #stream: WalStream | null = null;
  #confirmed: LogPosition = 0n;
  #xid = 0;
  #waitMs = RECONNECT.minMs;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(open: ReplicationClientFactory, names: LogNames, tables: Tables, follower: LogFollower) {
    this.#open = open;
    this.#names = names;
    this.#tables = tables;
    this.#follower = follower;
  }

  confirm(position: LogPosition): void {
    if (position > this.#confirmed) this.#confirmed = position;
    this.#stream?.confirm(position);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const stream = this.#stream;
    this.#stream = null;
    await stream?.close();
  }

  async connect(): Promise<void> {
    const { slot, publication } = this.#names;
    let client: ReplicationClient | null = null;
    try {
      client = this.#open();
      // Before it is connected, and after it was given up, nobody else listens.
      client.on('error', () => {});
      await client.connect();
      await client.query("SET TimeZone = 'UTC'");
      await client.query('SET DateStyle = ISO');
      const stream: WalStream = new WalStream(
        client,
        { slot, publication, statusMs: STATUS_MS },
        {
          events: (events) => this.#events(stream, events),
          idle: (position) => {
            if (this.#stream === stream) this.#follower.reached(position);
          },
          ended: (error) => this.#ended(stream, error),
        },
      );
      // What arrives while the start is awaited belongs to this stream already.
      this.#stream = stream;
      await stream.start();
      if (this.#closed) await this.close();
    } catch (error) {
      this.#stream = null;
      await client?.end().catch(() => {});
      throw logFailure(error, slot);
    }
  }

  async #events(stream: WalStream, events: readonly LogEvent[]): Promise<void> {
    let entries: LogEntry[] = [];
    const flush = async (): Promise<void> => {
      const full = entries;
      entries = [];
      if (full.length > 0 && this.#stream === stream) await this.#follower.receive(full);
    };
    for (const event of events) {
      if (event.kind === 'begin') this.#xid = event.xid;
      else if (event.kind === 'insert') {
        if (isMessage(event.row, this.#tables)) entries.push(logEntry(event.row, this.#xid));
      } else if (event.kind === 'commit') {
        await flush();
        if (this.#stream === stream) this.#follower.reached(event.end);
      }
    }
    await flush();
    this.#waitMs = RECONNECT.minMs;
  }

  #ended(stream: WalStream, error: unknown): void {
    if (this.#stream !== stream || this.#closed) return;
    this.#stream = null;
    const failure = logFailure(error, this.#names.slot);
    if (isFinal(failure)) this.#follower.ended(failure);
    else {
      this.#follower.lost(failure);
      this.#reconnectLater();
    }
  }

  #reconnectLater(): void {
    this.#timer = setTimeout(() => void this.#reconnect(), this.#waitMs);
    this.#waitMs = Math.min(RECONNECT.maxMs, this.#waitMs * 2);
  }

  async #reconnect(): Promise<void> {
    try {
      await this.connect();
      this.#follower.restored();
    } catch (error) {
      if (this.#closed) return;
      if (isFinal(error)) this.#follower.ended(error);
      else this.#reconnectLater();
    }
  }
}

function isMessage(
  { schema, table }: { readonly schema: string; readonly table: string },
  tables: Tables,
): boolean {
  return schema === tables.schema && table === `${tables.prefix}outbox_messages`;
}
