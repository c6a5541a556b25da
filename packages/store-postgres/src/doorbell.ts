import { randomBytes } from 'node:crypto';
import { OutboxError } from '@outrelay/core';
import type { Connections } from './connections.ts';
import { sqlState } from './errors.ts';
import { identifier, text } from './literal.ts';
import type { PostgresStoreSettings } from './options.ts';
import { openClient, type OwnClient } from './source.ts';
import type { HintHandlers, HintSource, OpenSource } from './wakeups.ts';

/** Milliseconds between reports to the server, which ends a connection that is silent for `wal_sender_timeout`. */
const REPORT_MS = 5_000;

/* Messages of the streaming replication protocol and of pgoutput, by their first byte:
   https://www.postgresql.org/docs/current/protocol-replication.html */
const XLOG_DATA = 0x77;
const KEEPALIVE = 0x6b;
const STATUS = 0x72;
const INSERT = 0x49;
const COMMIT = 0x43;
/** Start, end and time come before the data. */
const XLOG_HEADER = 25;

/**
 * Listens to the write-ahead log through a temporary replication slot, only to be woken: what is in the table is read as
 * ever. Appends take no lock for it, and the slot is gone with the connection, so that it can never fill a disk.
 */
export function doorbell(connections: Connections, settings: PostgresStoreSettings): OpenSource {
  const { tables, url, wakeupUrl } = settings;
  const address = (wakeupUrl ?? url) as string;
  const publication = tables.channel;
  return async (handlers): Promise<HintSource> => {
    await ensurePublication(connections, publication, tables.messages);
    const client = await openClient(address, { replication: 'database' });
    const slot = `outrelay_${randomBytes(8).toString('hex')}`;
    const bell = new Bell(client, handlers);
    try {
      await client.query({
        text: `CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
      });
      await bell.start(
        `START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names '${identifier(publication)}')`,
      );
    } catch (error) {
      await bell.close();
      throw sqlState(error) === '55000' ? notLogical(error) : error;
    }
    return bell;
  };
}

/** The publication names the table whose inserts are streamed. It is a name in the catalogue and keeps no log. */
async function ensurePublication(connections: Connections, name: string, table: string): Promise<void> {
  await connections.use(async (client) => {
    const known = `SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ${text(name)}`;
    const { rows } = (await client.query({ text: known })) as { rows: readonly unknown[] };
    if (rows.length > 0) return;
    try {
      await client.query({
        text: `CREATE PUBLICATION ${identifier(name)} FOR TABLE ${table} WITH (publish = 'insert')`,
      });
    } catch (error) {
      // Another relay was faster.
      if (sqlState(error) !== '42710') throw error;
    }
  });
}

function notLogical(cause: unknown): OutboxError {
  return new OutboxError(
    'NOT_SUPPORTED',
    'The doorbell needs the setting wal_level=logical and a free replication slot. Change it and restart the server, or choose wakeups: "notify".',
    { cause },
  );
}

/** The receiving end of a replication stream. */
class Bell implements HintSource {
  readonly #client: OwnClient;
  readonly #handlers: HintHandlers;
  #timer: NodeJS.Timeout | null = null;
  #received = 0n;
  #inserted = false;
  #ended = false;

  constructor(client: OwnClient, handlers: HintHandlers) {
    this.#client = client;
    this.#handlers = handlers;
    client.on('error', (error) => this.#fail(error));
    client.on('end', () => this.#fail(new Error('Connection terminated')));
  }

  /** Resolves when the stream has begun. */
  async start(sql: string): Promise<void> {
    const { connection } = this.#client;
    const started = new Promise<void>((resolve) => connection.once('replicationStart', () => resolve()));
    connection.on('copyData', ({ chunk }) => this.#take(chunk));
    // The query itself is answered only when the stream ends.
    const refused = this.#client.query({ text: sql }).then(
      () => this.#fail(new Error('Connection terminated: the stream ended')),
      (error: unknown) => {
        this.#fail(error);
        throw error;
      },
    );
    await Promise.race([started, refused]);
    refused.catch(() => {});
    this.#timer = setInterval(() => this.#report(), REPORT_MS);
    this.#timer.unref();
  }

  #take(chunk: Buffer): void {
    const kind = chunk[0];
    if (kind === KEEPALIVE) {
      this.#advance(chunk.readBigUInt64BE(1));
      if (chunk[17] === 1) this.#report();
    } else if (kind === XLOG_DATA) {
      this.#advance(chunk.readBigUInt64BE(9));
      const message = chunk[XLOG_HEADER];
      if (message === INSERT) this.#inserted = true;
      if (message === COMMIT && this.#inserted) {
        this.#inserted = false;
        if (!this.#ended) this.#handlers.wake();
      }
    }
  }

  #advance(position: bigint): void {
    if (position > this.#received) this.#received = position;
  }

  /** Confirms everything: what was missed is found by polling, and the slot must hold nothing back. */
  #report(): void {
    if (this.#ended) return;
    const status = Buffer.alloc(34);
    status[0] = STATUS;
    for (const at of [1, 9, 17]) status.writeBigUInt64BE(this.#received, at);
    this.#client.connection.sendCopyFromChunk(status);
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    void this.close();
    this.#handlers.failed(error);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#client.dispose();
  }
}
