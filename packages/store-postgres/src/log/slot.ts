import { type LogStatus, OutboxError } from '@outrelay/core';
import type { Connections } from '../connections.ts';
import { identifier, text } from '../literal.ts';
import type { Tables } from '../tables.ts';
import { lsnOf } from './lsn.ts';

/** Names of what a log needs in the database; slots are of the whole server, so theirs tells installations apart. */
export interface LogNames {
  readonly slot: string;
  readonly publication: string;
}

/** The names of an installation. */
function logNames({ channel }: Tables): LogNames {
  return { slot: channel, publication: channel };
}

/** A row of `pg_replication_slots` as JSON; which members there are depends on the version. */
interface SlotRow {
  readonly active: boolean;
  readonly active_pid: number | null;
  readonly wal_status: string | null;
  readonly confirmed_flush_lsn: string | null;
  readonly invalidation_reason?: string | null;
  readonly failover?: boolean;
  readonly inactive_since?: string | null;
}

/** Slots with the option `failover` exist from PostgreSQL 17 on. */
const FAILOVER_VERSION = 170_000;
/** Retained log above which somebody should look. */
const MUCH_BYTES = 1024 ** 3;

/** The logical slot of an installation and its publication. */
export class Slot {
  readonly #connections: Connections;
  readonly #tables: Tables;
  readonly names: LogNames;

  constructor(connections: Connections, tables: Tables) {
    this.#connections = connections;
    this.#tables = tables;
    this.names = logNames(tables);
  }

  /**
   * Creates publication and slot where they are missing. The publication comes first and is committed: the slot looks
   * it up as of the change it decodes. Waits until the transactions that are open now have ended.
   */
  async create(): Promise<void> {
    const { slot, publication } = this.names;
    const [[settings] = []] = await this.#connections.look([
      `SELECT current_setting('wal_level'), current_setting('server_version_num'), (SELECT count(*) FROM pg_publication WHERE pubname = ${text(publication)}), (SELECT count(*) FROM pg_replication_slots WHERE slot_name = ${text(slot)})`,
    ]);
    const [level, version, publications, slots] = settings ?? [];
    if (level !== 'logical' && Number(version) < 190_000) {
      throw new OutboxError(
        'CONFIG_INVALID',
        `The log of this server cannot be followed, because wal_level is "${level}". Set wal_level = logical in postgresql.conf and restart the server; until then, let the relay poll.`,
      );
    }
    if (publications === '0') {
      await this.#connections.change([
        `CREATE PUBLICATION ${identifier(publication)} FOR TABLE ${this.#tables.messages} WITH (publish = 'insert')`,
      ]);
    }
    if (slots === '0') {
      const failover = Number(version) >= FAILOVER_VERSION ? ', false, true' : '';
      await this.#connections.use((client) =>
        client.query({
          text: `SELECT pg_create_logical_replication_slot(${text(slot)}, 'pgoutput', false${failover})`,
        }),
      );
    }
  }

  /** Drops slot and publication. A slot that is followed stays, with `LOG_IN_USE`. */
  async drop(): Promise<void> {
    const { slot, publication } = this.names;
    await this.#connections.use(async (client) => {
      await client.query({
        text: `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ${text(slot)}`,
      });
      await client.query({ text: `DROP PUBLICATION IF EXISTS ${identifier(publication)}` });
    });
  }

  async status(): Promise<LogStatus> {
    const { slot, publication } = this.names;
    const behind = (column: string): string => `pg_wal_lsn_diff(pg_current_wal_lsn(), s.${column})::bigint`;
    const [rows = [], [limits] = []] = await this.#connections.look([
      `SELECT to_json(s), ${behind('confirmed_flush_lsn')}, ${behind('restart_lsn')} FROM pg_replication_slots AS s WHERE s.slot_name = ${text(slot)}`,
      `SELECT current_setting('max_slot_wal_keep_size'), (SELECT count(*) FROM pg_publication WHERE pubname = ${text(publication)}), current_setting('wal_level')`,
    ]);
    const [row] = rows;
    const [limit, publications, level] = limits ?? [];
    const warnings: string[] = [];
    if (level !== 'logical') warnings.push(`wal_level is "${level}"; the log needs "logical".`);
    if (row === undefined) {
      return { state: 'missing', confirmed: null, behindBytes: null, retainedBytes: null, warnings };
    }
    const found = JSON.parse(row[0] as string) as SlotRow;
    const isLost = found.wal_status === 'lost' || (found.invalidation_reason ?? null) !== null;
    const retainedBytes = row[2] === null ? null : Number(row[2]);
    if (publications === '0') warnings.push(`The publication "${publication}" is missing.`);
    if (limit === '-1') {
      warnings.push(
        'max_slot_wal_keep_size is unlimited: without a follower the server keeps its log until the disk is full.',
      );
    }
    if (found.wal_status === 'unreserved')
      warnings.push('The server is about to give up the position; let a relay follow it.');
    if (found.failover === false) warnings.push('The slot does not survive a failover (option "failover").');
    if (!found.active && (retainedBytes ?? 0) > MUCH_BYTES)
      warnings.push(`Nobody follows the log, and the server keeps ${retainedBytes} bytes for it.`);
    return {
      state: isLost ? 'lost' : found.active ? 'followed' : 'idle',
      confirmed: found.confirmed_flush_lsn === null ? null : lsnOf(found.confirmed_flush_lsn),
      behindBytes: row[1] === null ? null : Number(row[1]),
      retainedBytes,
      warnings,
    };
  }
}
