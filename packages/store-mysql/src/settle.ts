import type { ClaimedMessage, Settlements, SettleReport } from '@outrelay/core';
import { Chain, type ChainKey } from './chain.ts';
import { type Connections, rowsOf, type Session } from './connections.ts';
import { type Fence, heldRows, heldSql, lock, type MysqlLease } from './lease.ts';
import { list, whole } from './literal.ts';
import type { MysqlStoreSettings } from './options.ts';
import { Outcomes } from './outcomes.ts';
import { refOf } from './row.ts';
import type { Tables } from './tables.ts';

/** Fewer rows were there than were to be settled at once, so each has to be looked at. */
class RowsMissing extends Error {}

/**
 * Records outcomes in one transaction, whose first statement locks the rows of the partitions: nobody can take them
 * over before the commit. The end of the lease does not matter, only whether somebody else has taken it.
 */
export function settler(
  connections: Connections,
  settings: MysqlStoreSettings,
): (lease: MysqlLease, settlements: Settlements) => Promise<SettleReport> {
  const record = recorder(settings);
  return async (lease, settlements) => {
    try {
      return await connections.write((session) => record(session, lease, settlements, false));
    } catch (error) {
      if (!(error instanceof RowsMissing)) throw error;
      return connections.write((session) => record(session, lease, settlements, true));
    }
  };
}

/** The report of a settle while it is written. */
interface Draft {
  settled: number;
  readonly alreadySettled: string[];
  readonly lost: string[];
  readonly unknown: string[];
}

function recorder(
  settings: MysqlStoreSettings,
): (session: Session, lease: MysqlLease, settlements: Settlements, each: boolean) => Promise<SettleReport> {
  const { tables } = settings;
  const chain = new Chain(tables);
  const outcomes = new Outcomes(tables, settings.history);

  return async (session, { token }, settlements, each) => {
    const draft: Draft = { settled: 0, alreadySettled: [], lost: [], unknown: [] };
    const known = (message: ClaimedMessage): boolean => {
      if (refOf(message).token === token) return true;
      draft.unknown.push(message.id);
      return false;
    };
    const own = filtered(settlements, known);
    const messages = messagesOf(own);
    const numbers = [...new Set(messages.map((message) => refOf(message).partition))];
    if (numbers.length === 0) {
      const held = heldRows(await session.rows(heldSql(tables, token)));
      return { ...draft, wanted: held.some(({ wanted }) => wanted) };
    }
    const fence = await lock(session, tables, numbers);
    const held = new Set(fence.rows.filter((row) => row.token === token).map(({ number }) => number));
    const refused = messages.filter((message) => !held.has(refOf(message).partition));
    if (refused.length > 0) await sort(session, tables, refused, draft);
    let lists: Settlements = filtered(own, (message) => held.has(refOf(message).partition));
    if (each) {
      const there = await outcomes.present(session, messagesOf(lists));
      const isThere = (message: ClaimedMessage): boolean => {
        if (there.has(refOf(message).position)) return true;
        draft.alreadySettled.push(message.id);
        return false;
      };
      lists = filtered(lists, isThere);
    }
    if (!(await outcomes.record(session, lists, fence.now))) throw new RowsMissing();
    const settled = messagesOf(lists);
    draft.settled += settled.length;
    await chain.promote(session, leftKeys(lists), fence.now);
    await clearLosses(session, tables, fence, lists);
    return { ...draft, wanted: fence.rows.some((row) => row.wanted && row.token === token) };
  };
}

function filtered(
  { accepted, retry, dead, returned }: Settlements,
  keep: (message: ClaimedMessage) => boolean,
): Settlements {
  return {
    accepted: accepted.filter(keep),
    retry: retry.filter(({ message }) => keep(message)),
    dead: dead.filter(({ message }) => keep(message)),
    returned: returned.filter(keep),
  };
}

function messagesOf({ accepted, retry, dead, returned }: Settlements): readonly ClaimedMessage[] {
  return [
    ...accepted,
    ...retry.map(({ message }) => message),
    ...dead.map(({ message }) => message),
    ...returned,
  ];
}

/** Tells messages of partitions that somebody else has by now apart: those still there are lost, others were settled. */
async function sort(
  session: Session,
  { messages, delayed }: Tables,
  refused: readonly ClaimedMessage[],
  draft: Draft,
): Promise<void> {
  const positions = list(refused.map((message) => whole(refOf(message).position)));
  const answers = await session.script([
    `SELECT position FROM ${messages} FORCE INDEX (PRIMARY) WHERE position IN ${positions} AND parked = 0`,
    `SELECT position FROM ${delayed} FORCE INDEX (PRIMARY) WHERE position IN ${positions} AND dead = 0`,
  ]);
  const there = new Set(answers.flatMap((answer) => rowsOf(answer).map(([position]) => position as number)));
  for (const message of refused)
    (there.has(refOf(message).position) ? draft.lost : draft.alreadySettled).push(message.id);
}

/** Keys whose chains lost a row, or may have: what follows it can be the first one now. */
function leftKeys({ accepted, retry, dead }: Settlements): readonly ChainKey[] {
  const keys = new Map<string, ChainKey>();
  for (const message of messagesOf({ accepted, retry, dead, returned: [] })) {
    if (refOf(message).delayed !== null && message.key !== null)
      keys.set(`${message.topic}\0${message.key}`, [message.topic, message.key]);
  }
  return [...keys.values()];
}

/** A relay that settles has survived: suspicion and losses of its partitions end. */
async function clearLosses(
  session: Session,
  { partitions }: Tables,
  { rows }: Fence,
  { accepted, retry, dead }: Settlements,
): Promise<void> {
  const recorded = messagesOf({ accepted, retry, dead, returned: [] });
  const losing = rows.filter(
    ({ losses, number }) => losses > 0 && recorded.some((message) => refOf(message).partition === number),
  );
  for (const { number } of losing) {
    const suspects = recorded.filter(
      (message) => refOf(message).partition === number && refOf(message).suspect,
    ).length;
    // In this order: each assignment sees what the one before it wrote.
    await session.run(
      `UPDATE ${partitions} FORCE INDEX (PRIMARY) SET losses = IF(suspect_left <= ${suspects}, 0, losses), suspect_left = IF(suspect_left > ${suspects}, suspect_left - ${suspects}, 0) WHERE partition_no = ${whole(number)}`,
    );
  }
}
