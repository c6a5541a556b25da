import type { OutboxStatus, RelayEvent } from '@outrelay/core';
import type { Output } from '../terminal/output.ts';
import { eventJson } from './event-json.ts';
import type { Ending, RunView } from './view.ts';

/** One JSON object per line and event, for programs. */
export class JsonView implements RunView {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  event(event: RelayEvent): void {
    this.#write(eventJson(event));
  }

  sample(status: OutboxStatus): void {
    this.#write({ event: 'status', ...status });
  }

  stopping(reason: string): void {
    this.#write({ event: 'stopping', reason });
  }

  end(ending: Ending): void {
    const { ended, published, retried, dead, unsettled, durationMs } = ending;
    this.#write({ event: 'end', ended, published, retried, dead, unsettled, durationMs });
  }

  #write(members: Record<string, unknown>): void {
    this.#output.json({ time: new Date().toISOString(), ...members });
  }
}
