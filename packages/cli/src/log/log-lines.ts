import type { LogStatus } from '@outrelay/core';
import { bytes } from '../terminal/figures.ts';
import type { Style } from '../terminal/style.ts';

/** How each state reads. */
const STATES: Readonly<Record<LogStatus['state'], string>> = {
  missing: 'not created: relays poll',
  idle: 'kept, and nobody follows it',
  followed: 'followed by a relay',
  lost: 'given up by the database: drop it and create it again; relays poll meanwhile',
};

/** What a person sees of a log. */
export function logLines(status: LogStatus, style: Style): readonly string[] {
  const { state, behindBytes, retainedBytes, warnings } = status;
  const isGood = state === 'followed' || state === 'idle';
  const lines = [`log       ${isGood ? STATES[state] : style.yellow(STATES[state])}`];
  if (behindBytes !== null) lines.push(`behind    ${bytes(behindBytes)}`);
  if (retainedBytes !== null) lines.push(`retained  ${bytes(retainedBytes)} on the disk of the database`);
  return [...lines, ...warnings.map((warning) => style.yellow(`warning   ${warning}`))];
}
