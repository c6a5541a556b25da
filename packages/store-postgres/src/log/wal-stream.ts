import { ByteReader } from './byte-reader.ts';
import { lsnText } from './lsn.ts';
import { type LogEvent, PgOutput } from './pgoutput.ts';
import type { ReplicationClient } from './replication-client.ts';

/** What a {@link WalStream} is told to read. */
export interface WalStreamOptions {
  readonly slot: string;
  readonly publication: string;
  /** Milliseconds between status messages, which also keep the connection; well below `wal_sender_timeout`. */
  readonly statusMs: number;
}

/** Receives what the log brings. */
export interface WalListener {
  /** Events in order; the log is read on when the answer resolves. */
  events(events: readonly LogEvent[]): Promise<void>;
  /** There is nothing further up to here. */
  idle(position: bigint): void;
  /** The stream has ended, whatever way. Called once, unless `close` ended it. */
  ended(error: unknown): void;
}

/** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_2000_US = 946_684_800_000_000n;

/**
 * A walsender's other end: reads a logical slot and says how far everything is done.
 *
 * Only what {@link WalStream.confirm} was given is ever reported as flushed; what was merely received is reported as
 * written. Status goes out at every request, after every confirmation within `statusMs`, and at least that often, also
 * while reading is paused because the receiver has no room: a slow receiver costs memory on neither side and never the
 * connection. Protocol: https://www.postgresql.org/docs/current/protocol-replication.html
 */
export class WalStream {
  readonly #client: ReplicationClient;
  readonly #options: WalStreamOptions;
  readonly #listener: WalListener;
  readonly #decoder = new PgOutput();
  #pending: LogEvent[] = [];
  #delivering = false;
  #inTransaction = false;
  #received = 0n;
  #flushed = 0n;
  /** The end of the log that the server told of while nothing was pending. */
  #idleAt = 0n;
  #timer: NodeJS.Timeout | null = null;
  #over = false;

  constructor(client: ReplicationClient, options: WalStreamOptions, listener: WalListener) {
    this.#client = client;
    this.#options = options;
    this.#listener = listener;
  }

  /** Starts reading at the position that the server remembers; resolves when it has agreed. */
  async start(): Promise<void> {
    const { connection } = this.#client;
    connection.on('copyData', ({ chunk }) => this.#guard(() => this.#take(chunk)));
    this.#client.on('error', (error) => this.#end(error));
    this.#client.on('end', () => this.#end(new Error('The server has closed the connection of the log.')));
    const { slot, publication, statusMs } = this.#options;
    const quoted = `"${publication.replaceAll('"', '""')}"`.replaceAll("'", "''");
    const started = new Promise<void>((resolve) => connection.once('replicationStart', resolve));
    const running = this.#client.query(
      `START_REPLICATION SLOT "${slot}" LOGICAL 0/0 (proto_version '1', publication_names '${quoted}')`,
    );
    // It ends with the stream; before that, only by a refusal.
    running.then(
      () => this.#end(new Error('The server has ended the log.')),
      (error: unknown) => this.#end(error),
    );
    await Promise.race([started, running]);
    this.#timer = setInterval(() => this.#guard(() => this.#sendStatus()), statusMs);
  }

  /** Everything up to here is done. */
  confirm(position: bigint): void {
    if (position > this.#flushed) this.#flushed = position;
  }

  /** Tells the last confirmation and ends. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimer();
    this.#sendStatus();
    this.#client.connection.stream.resume();
    // The server answers an end in the middle of a copy only after it has sent what it has.
    this.#client.connection.stream.destroy();
    await this.#client.end().catch(() => {});
  }

  #take(chunk: Buffer): void {
    if (this.#over) return;
    const reader = new ByteReader(chunk);
    const kind = reader.letter();
    if (kind === 'w') this.#takeData(reader);
    else if (kind === 'k') this.#takeKeepalive(reader);
  }

  #takeData(reader: ByteReader): void {
    const start = reader.uint64();
    reader.uint64();
    reader.uint64();
    if (start > this.#received) this.#received = start;
    const event = this.#decoder.decode(reader.bytes(reader.left));
    if (event.kind === 'begin') this.#inTransaction = true;
    if (event.kind === 'commit') {
      this.#inTransaction = false;
      if (event.end > this.#received) this.#received = event.end;
    }
    if (event.kind === 'other') return;
    this.#pending.push(event);
    this.#deliver();
  }

  #takeKeepalive(reader: ByteReader): void {
    const end = reader.uint64();
    reader.uint64();
    const wantsReply = reader.byte() === 1;
    if (end > this.#received) this.#received = end;
    this.#idleAt = end;
    this.#tellIdle();
    if (wantsReply) this.#sendStatus();
  }

  /** Hands over what has come, and reads nothing more while the receiver has no room. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    // What came with the same packet goes together.
    queueMicrotask(() => {
      const events = this.#pending;
      this.#pending = [];
      const { stream } = this.#client.connection;
      stream.pause();
      this.#listener.events(events).then(
        () => {
          this.#delivering = false;
          if (this.#over) return;
          if (this.#pending.length > 0) this.#deliver();
          else stream.resume();
          this.#tellIdle();
        },
        (error: unknown) => this.#end(error),
      );
    });
  }

  /** The end of the log counts as reached only when everything before it was handed over. */
  #tellIdle(): void {
    if (this.#idleAt === 0n || this.#delivering || this.#inTransaction || this.#pending.length > 0) return;
    const position = this.#idleAt;
    this.#idleAt = 0n;
    this.#listener.idle(position);
  }

  #sendStatus(): void {
    const status = Buffer.alloc(34);
    status.write('r');
    status.writeBigUInt64BE(this.#received, 1);
    status.writeBigUInt64BE(this.#flushed, 9);
    status.writeBigUInt64BE(this.#flushed, 17);
    status.writeBigInt64BE(BigInt(Date.now()) * 1000n - EPOCH_2000_US, 25);
    this.#client.connection.sendCopyFromChunk(status);
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#end(error);
    }
  }

  #end(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimer();
    this.#client.connection.stream.destroy();
    this.#listener.ended(error);
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** For texts about the stream. */
  toString(): string {
    return `slot ${this.#options.slot} at ${lsnText(this.#flushed)}`;
  }
}
