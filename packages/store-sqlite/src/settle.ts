import type { ClaimedMessage, Settlements, SettleReport } from '@outrelay/core';
import { Chain } from './chain.ts';
import type { Connection, Session } from './connection.ts';
import { leaseRow, leaseSql, type SqliteLease } from './lease.ts';
import type { SqliteStoreSettings } from './options.ts';
import { DelayedOutcomes, FreshOutcomes, type OutcomeSink } from './outcomes.ts';
import { type Run, refOf } from './row.ts';

/** Fewer rows were there than were to be settled at once, so each has to be looked at. */
class RowsMissing extends Error {}

/**
 * Records outcomes in one transaction, whose first step reads the lease under the write lock: nobody can take it over
 * before the commit. The end of the lease does not matter, only whether somebody else has taken it.
 */
export function settler(
  connection: Connection,
  settings: SqliteStoreSettings,
): (lease: SqliteLease, settlements: Settlements) => Promise<SettleReport> {
  const record = recorder(settings);
  return async (lease, settlements) => {
    try {
      return await connection.write((session) => record(session, lease, settlements, false));
    } catch (error) {
      if (!(error instanceof RowsMissing)) throw error;
      return connection.write((session) => record(session, lease, settlements, true));
    }
  };
}

function recorder({
  tables,
  history,
}: SqliteStoreSettings): (
  session: Session,
  lease: SqliteLease,
  settlements: Settlements,
  each: boolean,
) => SettleReport {
  const chain = new Chain(tables);
  const fresh = new FreshOutcomes(tables, history);
  const delayed = new DelayedOutcomes(tables, history);
  const leaseQuery = leaseSql(tables);
  const survived = `UPDATE ${tables.partitions} SET suspect_left = max(0, suspect_left - ?), losses = CASE WHEN suspect_left <= ? THEN 0 ELSE losses END WHERE partition_no = 0`;
  const here = `SELECT EXISTS (SELECT 1 FROM ${tables.messages} WHERE position = ?) OR EXISTS (SELECT 1 FROM ${tables.delayed} WHERE position = ? AND dead = 0)`;

  return (session, lease, settlements, each) => {
    const { token, losses, now } = leaseRow(session, leaseQuery);
    const run = each || losses > 0 || token !== lease.token ? null : wholeRun(lease, settlements);
    if (run !== null) {
      if (fresh.acceptRun(session, run, now) !== run.count) throw new RowsMissing();
      return { settled: run.count, alreadySettled: [], lost: [], unknown: [], wanted: false };
    }
    const report = {
      settled: 0,
      alreadySettled: [] as string[],
      lost: [] as string[],
      unknown: [] as string[],
    };
    const held = token === lease.token;
    /** Whether the outcome of a message may be recorded; reports it otherwise. */
    const mine = (message: ClaimedMessage): boolean => {
      const ref = refOf(message);
      if (ref.token !== lease.token) report.unknown.push(message.id);
      else if (!held && session.row(here, ref.position, ref.position)?.[0] === 1)
        report.lost.push(message.id);
      else if (!held) report.alreadySettled.push(message.id);
      else return true;
      return false;
    };
    const left = new Map<string, readonly [topic: string, key: string]>();
    let suspects = 0;
    const count = (message: ClaimedMessage, done: boolean): void => {
      if (!done) {
        report.alreadySettled.push(message.id);
        return;
      }
      report.settled++;
      const { suspect, delayed: wasDelayed } = refOf(message);
      if (suspect) suspects++;
      if (wasDelayed !== null && message.key !== null)
        left.set(`${message.topic}\0${message.key}`, [message.topic, message.key]);
    };
    const sink = (message: ClaimedMessage): OutcomeSink =>
      refOf(message).delayed === null ? fresh : delayed;

    const accepted = settlements.accepted.filter(mine);
    const acceptedFresh = accepted.filter((message) => sink(message) === fresh);
    const present = each ? fresh.present(session, acceptedFresh) : null;
    const together =
      present === null ? acceptedFresh : acceptedFresh.filter((message) => present.has(positionOf(message)));
    if (fresh.acceptAll(session, together, now) !== together.length) throw new RowsMissing();
    for (const message of acceptedFresh) count(message, present?.has(positionOf(message)) ?? true);
    for (const message of accepted) {
      if (sink(message) === delayed) count(message, delayed.accept(session, message, now));
    }
    for (const { message, delayMs, error } of settlements.retry) {
      if (mine(message)) count(message, sink(message).retry(session, message, now + delayMs, error));
    }
    for (const letter of settlements.dead) {
      if (mine(letter.message)) count(letter.message, sink(letter.message).die(session, letter, now));
    }
    const recorded = report.settled;
    for (const message of settlements.returned) {
      if (!mine(message)) continue;
      if (sink(message).giveBack(session, message)) report.settled++;
      else report.alreadySettled.push(message.id);
    }

    for (const [topic, key] of left.values()) chain.promote(session, topic, key, now);
    if (losses > 0 && recorded > 0) session.run(survived, suspects, suspects);
    return { ...report, wanted: false };
  };
}

function positionOf(message: ClaimedMessage): number {
  return refOf(message).position;
}

/**
 * The run that was read, when all of it was accepted: the normal case, which takes one statement per table.
 *
 * Nothing can have come between its rows since: positions are drawn under the write lock, so what is committed later
 * stands behind everything that was there.
 */
function wholeRun(lease: SqliteLease, { accepted, retry, dead, returned }: Settlements): Run | null {
  const [first] = accepted;
  if (first === undefined || retry.length > 0 || dead.length > 0 || returned.length > 0) return null;
  const { run, token } = refOf(first);
  if (run === null || run.count !== accepted.length || token !== lease.token) return null;
  let before = -1;
  for (const message of accepted) {
    const { run: own, position } = refOf(message);
    // Ascending, so that no message is there twice in place of another.
    if (own !== run || position <= before) return null;
    before = position;
  }
  return run;
}
