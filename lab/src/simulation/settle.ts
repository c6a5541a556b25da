import type { ClaimedMessage, Settlements, SettleReport } from '@outrelay/core';
import type { Database } from './database.ts';
import { deliveryOf, type Row } from './rows.ts';

/** Records outcomes in one transaction; what somebody else has taken over is lost. */
export function settle(database: Database, token: string, settlements: Settlements): SettleReport {
  const { ledger, leases } = database;
  const report = {
    settled: 0,
    alreadySettled: [] as string[],
    lost: [] as string[],
    unknown: [] as string[],
  };
  const current = (message: ClaimedMessage): Row | null => {
    const { row } = deliveryOf(message);
    if (!leases.isCurrent(row.partition, token)) {
      report.lost.push(message.id);
      return null;
    }
    if (row.delivery?.batch.token !== token) {
      report.alreadySettled.push(message.id);
      return null;
    }
    report.settled++;
    row.delivery = null;
    return row;
  };
  for (const message of settlements.accepted) {
    const row = current(message);
    if (row === null) continue;
    ledger.accepted(deliveryOf(message));
    database.remove(row);
  }
  for (const { message, delayMs } of settlements.retry) {
    const row = current(message);
    if (row === null) continue;
    ledger.retried(deliveryOf(message), message.attempt, delayMs);
    row.attempts = message.attempt;
    row.suspect = false;
    row.phase = 'retry';
    row.availableAtMs = database.nowMs + delayMs;
  }
  for (const { message, reason, block } of settlements.dead) {
    const row = current(message);
    if (row === null) continue;
    ledger.died(deliveryOf(message), message.attempt, reason, block);
    row.suspect = false;
    if (block) row.phase = 'blocked';
    else {
      database.remove(row);
      database.letters.push(row);
    }
  }
  for (const message of settlements.returned) {
    const row = current(message);
    if (row === null) continue;
    ledger.returned(deliveryOf(message));
    if (row.suspect) {
      row.attempts--;
      ledger.uncharged(row);
    }
  }
  return { ...report, wanted: leases.isWanted(token) };
}
