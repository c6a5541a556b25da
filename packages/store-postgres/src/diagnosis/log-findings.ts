import { type Finding, fault, good, type LogStatus, warning } from '@outrelay/core';
import { identifier } from '../literal.ts';
import type { ServerState } from './server.ts';

/** Findings about what a slot of replication needs, be it the log that is followed or a doorbell. */
export function replicationFindings(state: ServerState): readonly Finding[] {
  return [walLevel(state), right(state), slots(state), senders(state)];
}

function walLevel({ walLevel: seen }: ServerState): Finding {
  if (seen === 'logical') return good('wal-level', seen);
  return fault('wal-level', {
    seen: `wal_level is "${seen}"`,
    expected: '"logical": else the log says nothing of rows',
    remedy: "ALTER SYSTEM SET wal_level = 'logical'; and restart the server",
  });
}

function right({ replicates, role }: ServerState): Finding {
  if (replicates) return good('replication-right', `the role ${identifier(role)} may replicate`);
  return fault('replication-right', {
    seen: `the role ${identifier(role)} may not replicate`,
    expected: 'a role with REPLICATION',
    remedy: `ALTER ROLE ${identifier(role)} REPLICATION; (on Amazon RDS: GRANT rds_replication TO ${identifier(role)};)`,
  });
}

function slots({ slots: most, usedSlots, ownSlots }: ServerState): Finding {
  if (ownSlots > 0 || usedSlots < most) {
    return good(
      'replication-slots',
      `${usedSlots} of ${most} are taken${ownSlots > 0 ? ', one by this outbox' : ''}`,
    );
  }
  return fault('replication-slots', {
    seen: `all ${most} are taken`,
    expected: 'one for this outbox',
    remedy: `ALTER SYSTEM SET max_replication_slots = ${most + 5}; and restart the server, or drop one that nobody uses: SELECT slot_name, active FROM pg_replication_slots;`,
  });
}

function senders({ senders: most }: ServerState): Finding {
  if (most > 0) return good('wal-senders', `at most ${most}`);
  return fault('wal-senders', {
    seen: 'max_wal_senders is 0',
    expected: 'one for each follower, replica and backup',
    remedy: 'ALTER SYSTEM SET max_wal_senders = 10; and restart the server',
  });
}

/** Retained log above which somebody has to look while nobody follows it. */
const MUCH_BYTES = 1024 ** 3;

/** Findings about the log that is to be followed: its slot, its publication, and how much of it the server may keep. */
export function logFindings(state: ServerState, status: LogStatus): readonly Finding[] {
  return [slotFinding(state, status), kept(state)];
}

function slotFinding({ publications }: ServerState, { state, retainedBytes }: LogStatus): Finding {
  const expected = 'a slot and a publication of this outbox, which a relay follows';
  const again = 'outrelay log drop && outrelay log create';
  if (state === 'missing') {
    return fault('log', { seen: 'there is no slot', expected, remedy: 'outrelay log create' });
  }
  if (state === 'lost')
    return fault('log', { seen: 'the server has given up the slot', expected, remedy: again });
  if (publications === 0)
    return fault('log', { seen: 'the publication is missing', expected, remedy: again });
  const bytes = retainedBytes ?? 0;
  const seen = `${state === 'followed' ? 'followed' : 'nobody follows it'}, and the server keeps ${Math.ceil(bytes / 1024 ** 2)} MiB for it`;
  if (state === 'followed' || bytes <= MUCH_BYTES) return good('log', seen);
  return fault('log', {
    seen,
    expected,
    remedy: 'outrelay run --push …, or give the log up: outrelay log drop',
  });
}

function kept({ keptWal }: ServerState): Finding {
  if (keptWal !== '-1') return good('log-limit', `max_slot_wal_keep_size is ${keptWal}`);
  return warning('log-limit', {
    seen: 'max_slot_wal_keep_size is unlimited',
    expected:
      'a limit below the free space: without a follower the server keeps its log until the disk is full',
    remedy: "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT pg_reload_conf();",
  });
}
