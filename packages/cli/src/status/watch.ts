import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboxStatus } from '@outrelay/core';
import { onStopSignals } from '../run/stop-signals.ts';
import { LiveBlock } from '../terminal/live-block.ts';
import type { Output } from '../terminal/output.ts';
import { statusLines } from './status-lines.ts';

const INTERVAL_MS = 2_000;

/** Shows the status again and again until SIGINT or SIGTERM: in place on a terminal, else one after the other. */
export async function watchStatus(
  out: Output,
  look: () => Promise<OutboxStatus>,
  json: boolean,
): Promise<void> {
  const stop = new AbortController();
  const forgetSignals = onStopSignals(() => stop.abort());
  const block = out.interactive && !json ? new LiveBlock(out) : null;
  try {
    while (!stop.signal.aborted) {
      show(out, block, await look(), json);
      // Only the signal rejects it.
      await sleep(INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  } finally {
    forgetSignals();
  }
}

function show(out: Output, block: LiveBlock | null, status: OutboxStatus, json: boolean): void {
  const time = new Date().toISOString();
  if (json) out.json({ time, ...status });
  else if (block === null) out.lines([time, ...statusLines(status, out.style), '']);
  else block.paint([out.style.dim(time), ...statusLines(status, out.style)]);
}
