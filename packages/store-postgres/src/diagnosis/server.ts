import { type Finding, fault, good, warning } from '@outrelay/core';
import { identifier, text } from '../literal.ts';
import type { Tables } from '../tables.ts';

/** What the server says of itself and of the role of the store. */
export interface ServerState {
  readonly version: string;
  readonly versionNumber: number;
  readonly encoding: string;
  readonly role: string;
  readonly database: string;
  readonly standby: boolean;
  readonly readOnly: string;
  readonly isolation: string;
  readonly synchronousCommit: string;
  readonly fsync: string;
  readonly autovacuum: string;
  readonly walLevel: string;
  readonly keptWal: string;
  readonly senders: number;
  readonly slots: number;
  readonly usedSlots: number;
  readonly ownSlots: number;
  readonly publications: number;
  readonly replicates: boolean;
  readonly seesOthers: boolean;
  readonly nowMs: number;
}

/** Asks for a {@link ServerState}, as one row with one text of JSON. Every role may ask it. */
export function serverSql({ channel }: Tables): string {
  const setting = (name: string): string => `current_setting('${name}')`;
  const members: Readonly<Record<keyof ServerState, string>> = {
    version: setting('server_version'),
    versionNumber: `${setting('server_version_num')}::integer`,
    encoding: setting('server_encoding'),
    role: 'current_user',
    database: 'current_database()',
    standby: 'pg_is_in_recovery()',
    readOnly: setting('default_transaction_read_only'),
    isolation: setting('default_transaction_isolation'),
    synchronousCommit: setting('synchronous_commit'),
    fsync: setting('fsync'),
    autovacuum: setting('autovacuum'),
    walLevel: setting('wal_level'),
    keptWal: setting('max_slot_wal_keep_size'),
    senders: `${setting('max_wal_senders')}::integer`,
    slots: `${setting('max_replication_slots')}::integer`,
    usedSlots: '(SELECT count(*) FROM pg_replication_slots)',
    ownSlots: `(SELECT count(*) FROM pg_replication_slots WHERE slot_name = ${text(channel)})`,
    publications: `(SELECT count(*) FROM pg_publication WHERE pubname = ${text(channel)})`,
    replicates: '(SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user)',
    seesOthers: "pg_has_role('pg_read_all_stats', 'USAGE')",
    nowMs: 'extract(epoch FROM clock_timestamp())::double precision * 1000',
  };
  const pairs = Object.entries(members).map(([name, sql]) => `'${name}', ${sql}`);
  return `SELECT json_build_object(${pairs.join(', ')})::text`;
}

/** The oldest version that the store works on, and the newest that its tests run on. */
const VERSIONS = { oldest: 13, newest: 18 } as const;

/** Findings about the server and the defaults of the role. */
export function serverFindings(state: ServerState): readonly Finding[] {
  return [version(state), encoding(state), primary(state), isolation(state), commits(state), disk(state)];
}

function version({ version: seen, versionNumber }: ServerState): Finding {
  const major = Math.floor(versionNumber / 10_000);
  if (major >= VERSIONS.oldest && major <= VERSIONS.newest) return good('version', `PostgreSQL ${seen}`);
  const expected = `PostgreSQL ${VERSIONS.oldest} to ${VERSIONS.newest}`;
  if (major > VERSIONS.newest) {
    return warning('version', {
      seen: `PostgreSQL ${seen}, which this package was not tested on`,
      expected,
      remedy: 'Look for a newer version: npm install @outrelay/store-postgres@latest',
    });
  }
  const remedy = 'Upgrade the server: https://www.postgresql.org/docs/current/upgrading.html';
  return fault('version', { seen: `PostgreSQL ${seen}`, expected, remedy });
}

function encoding({ encoding: seen, database }: ServerState): Finding {
  if (seen === 'UTF8') return good('encoding', seen);
  return fault('encoding', {
    seen: `the database ${identifier(database)} is in ${seen}`,
    expected: 'UTF8: messages hold any text of Unicode',
    remedy: `Move to a database made by: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;`,
  });
}

function primary({ standby, readOnly, role }: ServerState): Finding {
  if (standby) {
    return fault('writable', {
      seen: 'a standby, which takes no writes',
      expected: 'the primary',
      remedy: 'Name the primary in the URL.',
    });
  }
  if (readOnly === 'off') return good('writable', 'the primary, and transactions may write');
  return fault('writable', {
    seen: 'default_transaction_read_only is on',
    expected: 'off: applications could append nothing',
    // In a transaction that says so itself: by default this one could not write either.
    remedy: `BEGIN READ WRITE; ${reset(role, 'default_transaction_read_only', 'off')} COMMIT;`,
  });
}

function isolation({ isolation: seen, role }: ServerState): Finding {
  if (seen === 'read committed') return good('isolation', seen);
  return warning('isolation', {
    seen: `default_transaction_isolation is "${seen}"`,
    expected: '"read committed", or an application that runs refused transactions again (SQLSTATE 40001)',
    remedy: reset(role, 'default_transaction_isolation', "'read committed'"),
  });
}

function commits({ synchronousCommit, role }: ServerState): Finding {
  if (synchronousCommit !== 'off') return good('synchronous-commit', synchronousCommit);
  return warning('synchronous-commit', {
    seen: 'off for this role',
    expected:
      'on for applications that append: a crash of the server takes back commits that were reported, also of messages that were sent by then',
    remedy: reset(role, 'synchronous_commit', 'on'),
  });
}

function disk({ fsync }: ServerState): Finding {
  if (fsync === 'on') return good('fsync', fsync);
  return fault('fsync', {
    seen: 'off',
    expected: 'on: after a power cut the whole database may be unreadable',
    remedy: 'ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();',
  });
}

/** A default may stand at the role, at the database or in the configuration; at the role it wins. */
function reset(role: string, name: string, value: string): string {
  return `ALTER ROLE ${identifier(role)} SET ${name} = ${value};`;
}
