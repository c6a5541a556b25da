#!/usr/bin/env node
import { main } from './main.ts';
import { watchPipes } from './pipes.ts';
import { Output } from './terminal/output.ts';

/** How long open handles may keep the process after its command has ended, in milliseconds. */
const EXIT_GRACE_MS = 2_000;

const { stdout, stderr, env } = process;
const outputGone = watchPipes(stdout, stderr);
process.exitCode = await main(process.argv.slice(2), {
  // Touching it opens it, and most commands do not read.
  get stdin() {
    return process.stdin;
  },
  out: new Output(stdout, env),
  err: new Output(stderr, env),
  env,
  cwd: process.cwd(),
  outputGone,
});
// A driver that leaves a socket open must not keep a schedule or a pipeline waiting.
setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
