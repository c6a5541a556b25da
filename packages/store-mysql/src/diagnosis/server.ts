import { type Finding, fault, good, warning } from '@outrelay/core';
import { serverOf } from '../server.ts';

/** Variables of the server that findings are made of. */
export const VARIABLES: readonly string[] = [
  ...['read_only', 'log_bin', 'binlog_format', 'innodb_flush_log_at_trx_commit'],
  ...['sql_mode', 'max_allowed_packet', 'transaction_isolation', 'tx_isolation'],
];

/** What the server says of itself. */
export interface ServerState {
  readonly version: string;
  /** As in `relay@%`. */
  readonly user: string;
  readonly variables: ReadonlyMap<string, string>;
}

/** The oldest versions that the store works on. */
const OLDEST = { mysql: [8, 4], mariadb: [10, 6] } as const;
const MIB = 1024 ** 2;
/** A payload of the largest size that the store takes, escaped. */
const PACKET_BYTES = 16 * MIB;

/** Findings about the server, by its variables. */
export function serverFindings(state: ServerState): readonly Finding[] {
  return [version(state), primary(state), replication(state), commits(state), ...session(state)];
}

function version({ version: seen }: ServerState): Finding {
  const server = serverOf(seen);
  const name = server === 'mariadb' ? 'MariaDB' : 'MySQL';
  const [major = 0, minor = 0] = seen.split('.').map((part) => Number.parseInt(part));
  const [oldest, oldestMinor] = OLDEST[server];
  if (major > oldest || (major === oldest && minor >= oldestMinor)) return good('version', `${name} ${seen}`);
  return fault('version', {
    seen: `${name} ${seen}`,
    expected: `${name} ${oldest}.${oldestMinor} or newer`,
    remedy: 'Upgrade the server.',
  });
}

function primary({ variables }: ServerState): Finding {
  const seen = variables.get('read_only') ?? 'OFF';
  if (seen === 'OFF') return good('writable', 'read_only is OFF');
  return fault('writable', {
    seen: `read_only is ${seen}`,
    expected: 'the primary, or a server that takes writes',
    remedy: 'Name the primary in the URL, or, if this is it: SET GLOBAL read_only = 0;',
  });
}

function replication({ variables }: ServerState): Finding {
  const format = variables.get('binlog_format') ?? 'ROW';
  if (variables.get('log_bin') !== 'ON') return good('binlog-format', 'no binary log is written');
  if (format !== 'STATEMENT') return good('binlog-format', format);
  return fault('binlog-format', {
    seen: 'binlog_format is STATEMENT',
    expected:
      'ROW: relays work at READ COMMITTED, which STATEMENT cannot replicate, and every claim is refused',
    remedy:
      'SET GLOBAL binlog_format = ROW; and the same in the configuration; connections that are open keep the old one',
  });
}

function commits({ variables }: ServerState): Finding {
  const seen = variables.get('innodb_flush_log_at_trx_commit') ?? '1';
  if (seen === '1') return good('flush-at-commit', 'innodb_flush_log_at_trx_commit is 1');
  return warning('flush-at-commit', {
    seen: `innodb_flush_log_at_trx_commit is ${seen}`,
    expected:
      '1: a crash takes back commits of the last second that were reported, also of messages that were sent by then',
    remedy: 'SET GLOBAL innodb_flush_log_at_trx_commit = 1; and the same in the configuration',
  });
}

function session({ variables }: ServerState): readonly Finding[] {
  const level = variables.get('transaction_isolation') ?? variables.get('tx_isolation') ?? '';
  const mode = variables.get('sql_mode') ?? '';
  const packet = Number(variables.get('max_allowed_packet'));
  return [
    level === 'SERIALIZABLE'
      ? warning('isolation', {
          seen: level,
          expected: 'REPEATABLE-READ or READ-COMMITTED: applications would wait for each other at every read',
          remedy:
            'SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED; and transaction-isolation in the configuration',
        })
      : good('isolation', level),
    /STRICT_(?:ALL|TRANS)_TABLES/.test(mode)
      ? good('sql-mode', 'strict')
      : warning('sql-mode', {
          seen: mode === '' ? 'empty' : mode,
          expected: 'STRICT_TRANS_TABLES: plain INSERTs of other programs are cut to size instead of refused',
          remedy:
            "SET GLOBAL sql_mode = CONCAT_WS(',', NULLIF(@@GLOBAL.sql_mode, ''), 'STRICT_TRANS_TABLES'); and the same in the configuration",
        }),
    packet >= PACKET_BYTES
      ? good('max-allowed-packet', `${packet / MIB} MiB`)
      : warning('max-allowed-packet', {
          seen: `${packet / MIB} MiB`,
          expected: `${PACKET_BYTES / MIB} MiB: larger messages, and batches of them, are refused`,
          remedy: `SET GLOBAL max_allowed_packet = ${PACKET_BYTES}; and the same in the configuration`,
        }),
  ];
}
