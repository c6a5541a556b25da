import type { Ledger } from './ledger.ts';
import type { Style } from './style.ts';

/** One line of the verdict. */
export interface Finding {
  readonly label: string;
  readonly value: string;
  /** Whether it is as promised; `null` where there is nothing to promise. */
  readonly good: boolean | null;
}

/** How often processes were killed on purpose. */
export interface Kills {
  readonly relay: number;
  /** `null` where the consumer is not killed, but answers too late. */
  readonly consumer: number | null;
}

const number = new Intl.NumberFormat('en-GB');

/** Holds the ledger against what is promised. */
export function findings(ledger: Ledger, kills: Kills): Finding[] {
  const { committed, applied, lost, appliedAgain, rolledBack, refusedOrders, ghosts } = ledger;
  const { deliveries, duplicates, lateAnswers, keys, keysOutOfOrder } = ledger;
  const { currencies, wrongSales, skus, wrongStock } = ledger;
  const figure = (label: string, value: string): Finding => ({ label, value, good: null });
  const check = (label: string, value: string, good: boolean): Finding => ({ label, value, good });
  const n = (value: number): string => number.format(value);
  return [
    figure('committed by the shop', `${n(committed)} messages`),
    check('applied by the consumer', n(applied), applied === committed && committed > 0),
    check('lost', n(lost), lost === 0),
    figure('rolled back by the shop', `${n(rolledBack)} messages of ${n(refusedOrders)} orders`),
    check('rolled back, delivered all the same', n(ghosts), ghosts === 0),
    figure('relay killed', times(kills.relay)),
    kills.consumer === null
      ? figure('answered too late on purpose', times(lateAnswers))
      : figure('consumer killed', times(kills.consumer)),
    check('duplicates delivered', `${n(duplicates)} of ${n(deliveries)} deliveries`, duplicates > 0),
    check('applied more than once', n(appliedAgain), appliedAgain === 0),
    check('order kept', `${n(keys - keysOutOfOrder)} of ${n(keys)} keys`, keysOutOfOrder === 0),
    check('sales agree', `${n(currencies - wrongSales)} of ${n(currencies)} currencies`, wrongSales === 0),
    check('stock agrees', `${n(skus - wrongStock)} of ${n(skus)} goods`, wrongStock === 0),
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${number.format(count)} times`;
}

/** Whether nothing is wrong. */
export function isGood(all: readonly Finding[]): boolean {
  return all.every(({ good }) => good !== false);
}

/** The verdict as lines. */
export function verdictLines(all: readonly Finding[], style: Style): string[] {
  const width = Math.max(...all.map(({ label }) => label.length));
  const mark = (good: boolean | null): string =>
    good === null ? ' ' : good ? style.green('✔') : style.red('✖');
  const wrong = all.filter(({ good }) => good === false).map(({ label }) => label);
  return [
    style.bold('The ledger, from the records of both databases'),
    '',
    ...all.map(({ label, value, good }) => `  ${mark(good)} ${label.padEnd(width)}  ${value}`),
    '',
    wrong.length === 0
      ? style.green('Everything that was committed has arrived, in order, and had its effects once.')
      : style.red(`Not as promised: ${wrong.join(', ')}.`),
  ];
}
