import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createRelay } from '../../src/relay/relay.ts';
import type { Transport } from '../../src/transport.ts';
import { nullAdapters } from '../support/null-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const MESSAGES = 1_000_000;
const BATCH = 50;
/** 18,000 batches would leave more than that behind at 60 bytes a batch; without a leak it is a tenth. */
const ALLOWED_BYTES = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

it('a long run keeps nothing per message or batch', async () => {
  const clock = new VirtualClock();
  const adapters = nullAdapters(BATCH, () => clock.sleep(1));
  const signals = new Set<AbortSignal>();
  const transport: Transport = {
    ...adapters.transport,
    publish(messages, signal) {
      signals.clear();
      signals.add(signal);
      return adapters.transport.publish(messages, signal);
    },
  };
  let heard = 0;
  const onEvent = (): void => {
    heard++;
  };
  const relay = createRelay({
    store: adapters.store,
    transport,
    clock,
    lanes: 1,
    batch: { messages: BATCH },
    onEvent,
  });
  adapters.left = MESSAGES;
  relay.start();
  await clock.until(() => adapters.settled >= MESSAGES / 10);
  const before = heapBytes();
  await clock.until(() => adapters.settled === MESSAGES);
  expect(heapBytes() - before).toBeLessThan(ALLOWED_BYTES);
  expect(heard).toBeGreaterThan(MESSAGES / BATCH);
  // The watch over an idle relay, its lease and its last call.
  expect(clock.timers).toBeLessThan(5);
  for (const signal of signals) expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await clock.outcome(relay.stop());
  expect(clock.timers).toBe(0);
});
