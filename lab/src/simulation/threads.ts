import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { RangeReport } from './range.ts';

/** What one thread does. */
export interface ThreadTask {
  /** Name of the mutant that the engine is to be; `null` for the engine itself. */
  readonly mutant: string | null;
  readonly from: number;
  readonly count: number;
  /** Violations after which it ends. */
  readonly enough: number;
}

/** Divides a range of seeds among as many threads as there are cores, and adds up what they found. */
export async function runOnThreads(
  task: ThreadTask,
  progress: (seeds: number) => void = () => {},
): Promise<RangeReport> {
  const threads = Math.min(availableParallelism(), task.count);
  const done = new Array<number>(threads).fill(0);
  const share = Math.ceil(task.count / threads);
  const reports = await Promise.all(
    done.map((_, index) => {
      const from = task.from + index * share;
      const count = Math.min(share, task.from + task.count - from);
      return runThread({ ...task, from, count }, (seeds) => {
        done[index] = seeds;
        progress(sum(done, (part) => part));
      });
    }),
  );
  return {
    seeds: sum(reports, ({ seeds }) => seeds),
    events: sum(reports, ({ events }) => events),
    copies: sum(reports, ({ copies }) => copies),
    violations: reports.flatMap(({ violations }) => violations),
  };
}

function runThread(task: ThreadTask, progress: (seeds: number) => void): Promise<RangeReport> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./range-thread.js', import.meta.url), { workerData: task });
    thread.on('message', (message: { seeds?: number; report?: RangeReport }) => {
      if (message.seeds !== undefined) progress(message.seeds);
      if (message.report !== undefined) resolve(message.report);
    });
    thread.on('error', reject);
    thread.on('exit', (code) =>
      reject(new Error(`A thread of the simulation ended with ${code} before it was done.`)),
    );
  });
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
