import type { ClaimedMessage, Settlements, SettleReport } from '@outrelay/core';
import type { MemoryLease } from './claim.ts';
import type { MemoryStoreSettings } from './options.ts';
import type { MemoryRef } from './read.ts';
import type { Entry, MemoryState } from './state.ts';

/** Records outcomes of messages whose key nobody has taken over. */
export function settle(
  state: MemoryState,
  settings: MemoryStoreSettings,
  lease: MemoryLease,
  settlements: Settlements,
): SettleReport {
  const report = {
    settled: 0,
    alreadySettled: [] as string[],
    lost: [] as string[],
    unknown: [] as string[],
  };
  const now = state.now();
  const each = (message: ClaimedMessage, record: (entry: Entry) => void): void => {
    const { entry, token } = message.ref as MemoryRef;
    if (token !== lease.token) {
      report.unknown.push(message.id);
    } else if (state.holders.get(entry.orderKey)?.token !== lease.token && state.has(entry)) {
      report.lost.push(message.id);
    } else if (!state.has(entry) || entry.yieldedTo !== lease.token) {
      report.alreadySettled.push(message.id);
    } else {
      entry.yieldedTo = null;
      record(entry);
      report.settled++;
    }
  };

  for (const message of settlements.accepted) {
    each(message, (entry) => {
      state.remove(entry);
      if (settings.history !== 'none') state.sent.push({ entry, sentAtMs: now, attempts: message.attempt });
    });
  }
  for (const { message, delayMs, error } of settlements.retry) {
    each(message, (entry) => {
      entry.phase = 'retry';
      entry.attempts = message.attempt;
      entry.availableAtMs = now + delayMs;
      entry.lastError = error;
    });
  }
  for (const { message, reason, error, block } of settlements.dead) {
    each(message, (entry) => {
      entry.attempts = message.attempt;
      if (block) entry.phase = 'blocked';
      else state.remove(entry);
      const number = state.nextDeath();
      state.letters.push({
        number,
        entry,
        reason,
        error,
        deadAtMs: now,
        blocking: block,
        resolvedAtMs: null,
      });
    });
  }
  for (const message of settlements.returned) {
    each(message, (entry) => {
      // It never reached the broker, so the charge for being a suspect is taken back; it stays one.
      if (entry.phase === 'suspect') entry.attempts--;
    });
  }
  forgetIdleHolders(state, lease);
  return { ...report, wanted: false };
}

/** Keys without messages need no holder once their lease is over: keys are many, and most are seen once. */
function forgetIdleHolders(state: MemoryState, lease: MemoryLease): void {
  for (const orderKey of lease.state.orderKeys) {
    const isOver =
      state.holders.get(orderKey)?.token === lease.token && state.liveHolder(orderKey) === undefined;
    if (isOver && !state.entries.has(orderKey)) state.holders.delete(orderKey);
  }
}
