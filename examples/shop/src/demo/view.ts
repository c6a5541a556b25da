import type { Observation } from './observer.ts';
import { type Style, styleFor } from './style.ts';

/** What the view shows besides what was observed. */
export interface Moment extends Observation {
  readonly allOrders: number;
  /** Name of the relay process that runs. */
  readonly relay: string;
  readonly kills: number;
  /** `null` where the consumer is not killed, but answers too late. */
  readonly consumerKills: number | null;
  /** Deliveries a second, of late. */
  readonly rate: number;
}

/** Shows the demo while it runs. */
export interface View {
  update(moment: Moment): void;
  /** Something happened that should be seen. */
  tell(text: string): void;
  end(): void;
}

const BAR = 24;
/** A line that wraps cannot be painted over. */
const MIN_COLUMNS = 80;
const PLAIN_INTERVAL_MS = 1_000;
/** What the groups of texts speak of. */
const LABELS = ['shop', 'outbox', 'relay', 'consumer'];
const number = new Intl.NumberFormat('en-GB');

/** A block that is painted in place on a terminal, a line a second elsewhere, nothing when only JSON is wanted. */
export function createView(stream: NodeJS.WriteStream, quiet: boolean): View {
  if (quiet) return { update: () => {}, tell: () => {}, end: () => {} };
  const paintable = stream.isTTY && stream.columns >= MIN_COLUMNS && process.env['TERM'] !== 'dumb';
  return paintable ? liveView(stream) : plainView(stream);
}

function liveView(stream: NodeJS.WriteStream): View {
  const style = styleFor(stream);
  let block: string[] = [];
  const paint = (above: readonly string[], next: string[]): void => {
    const up = block.length === 0 ? '' : `\u001b[${block.length}A`;
    stream.write(`${up}\r\u001b[J${[...above, ...next].map((line) => `${line}\n`).join('')}`);
    block = next;
  };
  return {
    update: (moment) => paint([], momentLines(moment, style)),
    tell: (text) => paint([`  ${style.dim(clock())}  ${text}`], block),
    // The last state stays to be seen.
    end: () => paint([...block, ''], []),
  };
}

function plainView(stream: NodeJS.WriteStream): View {
  const style = styleFor(stream);
  let shownAtMs = 0;
  return {
    update(moment) {
      if (performance.now() - shownAtMs < PLAIN_INTERVAL_MS) return;
      shownAtMs = performance.now();
      const texts = momentTexts(moment, style).map((group, at) => `${LABELS[at]}: ${group.join(', ')}`);
      stream.write(`${clock()}  ${texts.join('; ')}\n`);
    },
    tell: (text) => void stream.write(`${clock()}  ${text}\n`),
    end: () => void stream.write('\n'),
  };
}

function momentLines(moment: Moment, style: Style): string[] {
  const done = Math.round((BAR * (moment.orders + moment.refused)) / moment.allOrders);
  const bar = `${'█'.repeat(done)}${style.dim('░'.repeat(BAR - done))}`;
  const [shop, ...others] = momentTexts(moment, style);
  return [
    '',
    ...[[bar, ...shop], ...others].map(
      (texts, at) => `  ${style.dim(String(LABELS[at]).padEnd(9))} ${texts.join('   ')}`,
    ),
  ];
}

function momentTexts(moment: Moment, style: Style): [string[], string[], string[], string[]] {
  const { orders, refused, allOrders, backlog, lagMs, kills, consumerKills } = moment;
  const { deliveries, rate, duplicates, late } = moment;
  const n = (value: number): string => number.format(Math.round(value));
  return [
    [`${n(orders + refused)} of ${n(allOrders)} orders`, `${n(refused)} rolled back`],
    [counted(backlog, 'message'), `lag ${(lagMs / 1_000).toFixed(1)} s`],
    [relayText(moment, style), killsText(kills)],
    [
      deliveries === 1 ? '1 delivery' : `${n(deliveries)} deliveries`,
      `${n(rate)}/s`,
      counted(duplicates, 'duplicate'),
      consumerKills === null ? counted(late, 'late answer') : killsText(consumerKills),
    ],
  ];
}

function counted(count: number, what: string): string {
  return `${number.format(count)} ${what}${count === 1 ? '' : 's'}`;
}

function relayText({ relay, holder }: Moment, style: Style): string {
  if (holder === null) return `${relay} idle`;
  if (holder.relay === relay) return style.green(`${relay} working`);
  const waitMs = Math.max(0, holder.expiresInMs);
  return style.yellow(`${relay} waits for the lease of ${holder.relay}, ${(waitMs / 1_000).toFixed(1)} s`);
}

function killsText(kills: number): string {
  if (kills === 0) return 'not killed yet';
  return kills === 1 ? 'killed once' : `killed ${kills === 2 ? 'twice' : `${kills} times`}`;
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}
