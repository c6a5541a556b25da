import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Order, parseOrders } from '../shop/orders-csv.ts';
import { Accidents } from './accidents.ts';
import type { Child } from './child.ts';
import type { Ground } from './ground.ts';
import { drawUpLedger, type Ledger } from './ledger.ts';
import { Observer } from './observer.ts';
import type { DemoOptions } from './options.ts';
import { Rate } from './rate.ts';
import { Troupe, type TroupeSettings } from './troupe.ts';
import type { Kills } from './verdict.ts';
import type { Moment, View } from './view.ts';

/** What a run came to. */
export interface DemoResult {
  readonly ledger: Ledger;
  readonly kills: Kills;
}

const ORDERS_CSV = fileURLToPath(new URL('../../data/orders.csv', import.meta.url));
/** A consumer that reads from a broker dies after this part of them; over HTTP it answers late instead. */
const CONSUMER_DIES_AT = 0.45;
const LOOK_MS = 100;
/**
 * Without any progress for so long, the demo gives up. MongoDB keeps a transaction of a process that was killed for a
 * minute, and with it the locks of what the dead relay was settling.
 */
const PATIENCE_MS = 120_000;

/** Plays the demo on empty ground, and draws up the ledger at the end. Leaves no process behind. */
export async function playDemo(
  options: DemoOptions,
  ground: Ground,
  view: View,
  signal: AbortSignal,
): Promise<DemoResult> {
  const orders = parseOrders(readFileSync(ORDERS_CSV, 'utf8')).slice(0, options.orders);
  const overHttp = ground.to === 'http:';
  const observer = new Observer(ground);
  const settings: TroupeSettings = {
    ground,
    ordersCsv: ORDERS_CSV,
    orders: orders.length,
    withoutInbox: options.withoutInbox,
    consumerDiesAfter: overHttp ? Number.POSITIVE_INFINITY : CONSUMER_DIES_AT * messageCount(orders),
  };
  const troupe = new Troupe(settings, (text) => view.tell(text));
  try {
    await troupe.enter();
    const dying = { relay: !options.spareRelay, consumer: !overHttp };
    const accidents = new Accidents(troupe, messageCount(orders), dying, (text) => view.tell(text));
    await untilDelivered({ troupe, observer, accidents, allOrders: orders.length, overHttp, view, signal });
    await troupe.leave();
  } finally {
    await troupe.killAll();
    observer.close();
    view.end();
  }
  const kills = { relay: troupe.kills, consumer: overHttp ? null : troupe.consumerKills };
  return { ledger: drawUpLedger(await ground.shop.records(), ground.consumer), kills };
}

interface Performance {
  readonly troupe: Troupe;
  readonly observer: Observer;
  readonly accidents: Accidents;
  readonly allOrders: number;
  readonly overHttp: boolean;
  readonly view: View;
  readonly signal: AbortSignal;
}

async function untilDelivered(playing: Performance): Promise<void> {
  const { troupe, observer, accidents, allOrders, overHttp, view, signal } = playing;
  const rate = new Rate();
  let progress = 0;
  let progressAtMs = performance.now();
  for (;;) {
    signal.throwIfAborted();
    // Before the look: what the writer commits afterwards would not be seen.
    const written = troupe.writer.exit;
    const observed = await observer.observe();
    const moment: Moment = {
      ...observed,
      allOrders,
      relay: troupe.relayName,
      kills: troupe.kills,
      consumerKills: overHttp ? null : troupe.consumerKills,
      rate: rate.of(observed.deliveries),
    };
    view.update(moment);
    await accidents.happen(observed);
    assertRunning(troupe.relay);
    if (overHttp || accidents.over) assertRunning(troupe.consumer);
    if (written !== null) {
      if (written.code !== 0) throw new Error('The writer failed.');
      if (observed.drained && accidents.over) return;
    }
    if (observed.deadLetters > 0) throw new Error(`There are ${observed.deadLetters} dead letters.`);
    const reached = observed.orders + observed.refused + observed.deliveries;
    if (reached > progress) {
      progress = reached;
      progressAtMs = performance.now();
    } else if (performance.now() > progressAtMs + PATIENCE_MS) {
      throw new Error('Nothing has moved for two minutes.');
    }
    await sleep(LOOK_MS);
  }
}

function assertRunning({ name, exit }: Child): void {
  if (exit === null) return;
  throw new Error(`The ${name} ended unexpectedly (${exit.signal ?? `exit code ${exit.code}`}).`);
}

/** Three messages per order and one per line of it; nothing of those that are rolled back. */
function messageCount(orders: readonly Order[]): number {
  return orders.reduce((sum, { card, lines }) => sum + (card === 'accepted' ? 3 + lines.length : 0), 0);
}
