// The application of the endurance run: writes orders at an even pace until it is asked to end.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseAccess } from '../rig/application.ts';
import { openApplication } from '../rig/open-application.ts';
import { readSettings, tell, untilStopped } from '../rig/program.ts';

/** What the producer is told. */
export interface ProducerSettings {
  readonly access: DatabaseAccess;
  readonly perSecond: number;
  readonly keys: number;
}

/** What it tells about once a second. */
export interface ProducerSample {
  /** The number of the last order that was committed. */
  readonly written: number;
  /** Whether the producer has ended and this is final. */
  readonly done: boolean;
}

/** Orders of one transaction. */
const TRANSACTION = 5;
/** Every so many transactions, one is rolled back that says it is about negative numbers: none may ever arrive. */
const ROLLBACK_EVERY = 40;

/** Orders that the business keeps. */
const ORDERS_KEPT = 5_000;

const { access, perSecond, keys } = readSettings() as ProducerSettings;
const application = openApplication(access);
const end = new AbortController();
const stopped = untilStopped().then(() => end.abort());
const startMs = performance.now();
let written = 0;
let told = 0;
for (let transaction = 1; !end.signal.aborted; transaction++) {
  const numbers = Array.from({ length: TRANSACTION }, (_, index) => written + index + 1);
  if (transaction % ROLLBACK_EVERY === 0) {
    const phantoms = numbers.map((number) => ({ number: -number, key: `k${number % keys}` }));
    await application.write(phantoms, 'rollback');
  }
  await application.write(
    numbers.map((number) => ({ number, key: `k${number % keys}` })),
    'commit',
  );
  written += TRANSACTION;
  if (written - told >= perSecond) {
    say(false);
    await application.forgetBelow(written - ORDERS_KEPT);
  }
  const aheadMs = startMs + (written / perSecond) * 1_000 - performance.now();
  if (aheadMs > 0) await sleep(aheadMs);
}
await stopped;
say(true);
await application.close();
process.disconnect();

function say(done: boolean): void {
  told = written;
  const sample: ProducerSample = { written, done };
  tell(sample);
}
