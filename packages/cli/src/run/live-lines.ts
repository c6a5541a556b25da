import type { OutboxStatus } from '@outrelay/core';
import { count, duration, plural, rate } from '../terminal/figures.ts';
import type { Style } from '../terminal/style.ts';
import { cut, printable, textWidth } from '../terminal/text-width.ts';
import { backlogText } from './backlog.ts';
import { scopeText, type Tally } from './tally.ts';

/** What a live view shows at one moment. */
export interface LiveState {
  readonly route: string;
  readonly tally: Tally;
  /** `null` until the store was looked into, or when it cannot be. */
  readonly status: OutboxStatus | null;
  /** Why the relay stops; `null` while it does not. */
  readonly stopping: string | null;
}

/** Milliseconds without a batch after which a relay counts as idle. */
const IDLE_MS = 1_500;
/** Breakers that are listed; of more than that only the number is shown. */
const MAX_BREAKERS = 4;

/** The block of lines that shows a running relay; pure, each line no wider than `columns`. */
export function liveLines(state: LiveState, nowMs: number, columns: number, style: Style): string[] {
  const { tally, status } = state;
  const elapsed = duration(nowMs - tally.startedAtMs);
  const head = `${stateText(state, nowMs, style)}  ${printable(state.route)}`;
  const space = ' '.repeat(Math.max(2, columns - textWidth(head) - textWidth(elapsed)));
  const dead = plural(tally.dead, 'dead letter');
  const totals = [
    `${style.bold(count(tally.published))} published`,
    rate(tally.rate(nowMs)),
    `${count(tally.retried)} retried`,
    tally.dead > 0 ? style.red(dead) : dead,
    ...(tally.duplicates > 0 ? [plural(tally.duplicates, 'duplicate')] : []),
  ];
  const lines = [
    `${head}${space}${style.dim(elapsed)}`,
    row('relayed', totals.join('   '), style),
    ...(status === null ? [] : [row('outbox', backlogText(status).join('   '), style)]),
    ...breakerLines(tally, nowMs, style),
    ...(tally.trouble === null
      ? []
      : [row('store', style.red(`${tally.trouble.during} failed: ${printable(tally.trouble.text)}`), style)]),
    ...(state.stopping === null
      ? []
      : [row('stopping', `${state.stopping}; once more to end at once`, style)]),
  ];
  return lines.map((line) => cut(line, columns));
}

function stateText({ tally, stopping }: LiveState, nowMs: number, style: Style): string {
  if (stopping !== null) return style.yellow('● stopping');
  if (tally.trouble !== null) return style.red('● store unavailable');
  if (tally.breakers.size > 0) return style.yellow('● held back');
  return nowMs - tally.lastWorkMs < IDLE_MS ? style.green('● relaying') : style.dim('○ idle');
}

function breakerLines(tally: Tally, nowMs: number, style: Style): string[] {
  const open = [...tally.breakers.values()];
  const lines = open.slice(0, MAX_BREAKERS).map(({ scope, untilMs }) => {
    const waitMs = untilMs - nowMs;
    const next = waitMs > 0 ? `tries again in ${duration(Math.ceil(waitMs / 100) * 100)}` : 'trying now';
    return row('held back', `${style.yellow(printable(scopeText(scope)))}, ${next}`, style);
  });
  if (open.length > MAX_BREAKERS) lines.push(row('', `and ${open.length - MAX_BREAKERS} more`, style));
  return lines;
}

function row(label: string, text: string, style: Style): string {
  return `  ${style.dim(label.padEnd(10))}${text}`;
}
