// A thread of the simulation: runs the seeds that it is given.
import { parentPort, workerData } from 'node:worker_threads';
import { HONEST, loadMutant } from '../engine/load-engine.ts';
import { ENGINE_MUTANTS } from '../engine/mutants.ts';
import { runRange } from './range.ts';
import type { ThreadTask } from './threads.ts';

const { mutant, from, count, enough } = workerData as ThreadTask;
const planted = ENGINE_MUTANTS.find(({ name }) => name === mutant);
const engine = planted === undefined ? HONEST : await loadMutant(planted);
/* oxlint-disable unicorn/require-post-message-target-origin -- that is for windows of a browser, not for threads */
const report = await runRange(engine, from, count, enough, (seeds) => parentPort?.postMessage({ seeds }));
parentPort?.postMessage({ report });
