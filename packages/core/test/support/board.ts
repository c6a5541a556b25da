import type { RelayEvent } from '../../src/events.ts';
import { readBreaker } from '../../src/relay/breaker.ts';
import { BreakerBoard, type Task } from '../../src/relay/breaker-board.ts';
import { Routes } from '../../src/relay/routes.ts';
import type { PublishResult, Transport } from '../../src/transport.ts';
import { message } from './messages.ts';
import type { ScriptedTransport } from './scripted-transport.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const error: Error = new Error('busy');
export const failed: PublishResult = { status: 'failed', error };
export const unknown: PublishResult = { status: 'unknown', error };
export const rejected: PublishResult = { status: 'rejected', error };
/** A lane whose trials have not been in vain. */
export const none: ReadonlySet<never> = new Set();

/** A board with what it told and how often it woke the lanes. */
export interface BoardRig {
  readonly board: BreakerBoard;
  /** In the order of the routes, guarded. */
  readonly transports: readonly Transport[];
  readonly events: RelayEvent[];
  readonly wakes: { count: number };
  /** What happened to breakers, as short texts. */
  happened(): string[];
}

/** Breakers open at 3 failures or 5 rejections, for 500 to 2,000 ms. */
export function boardOf(clock: VirtualClock, routes: Record<string, ScriptedTransport>): BoardRig {
  const table = new Routes(routes);
  const events: RelayEvent[] = [];
  const wakes = { count: 0 };
  const board = new BreakerBoard({
    routes: table,
    settings: readBreaker('breaker', { failures: 3, rejections: 5, minOpenMs: 500, maxOpenMs: 2_000 }),
    clock,
    unit: () => 0,
    emit: (event) => events.push(event),
    wake: () => wakes.count++,
  });
  return { board, transports: table.transports, events, wakes, happened: () => events.map(described) };
}

/** Records results for one topic, in order. */
export function record(board: BreakerBoard, topic: string, ...results: PublishResult[]): void {
  const messages = results.map(() => message({ topic }));
  board.record(messages, results);
}

/** What a task is about. */
export function shown(task: Task | null): unknown {
  return task === null ? null : { names: task.topics.names, trial: task.trial?.scope ?? null };
}

function described(event: RelayEvent): string {
  if (event.type !== 'breaker-opened' && event.type !== 'breaker-closed') return event.type;
  const what = `${event.scope.transport}/${event.scope.topic ?? '*'}`;
  return event.type === 'breaker-opened' ? `${what} open ${event.openMs}` : `${what} closed`;
}
