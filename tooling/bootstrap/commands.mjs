import { readArguments } from './arguments.mjs';
import { ci } from './ci.mjs';
import { demo } from './demo.mjs';
import { Failure } from './failure.mjs';
import { exitCodeOfInterruption, Interrupted, listenForSignals } from './interruption.mjs';
import { withLock } from './lock.mjs';
import { say } from './progress.mjs';
import { testCommand } from './test-command.mjs';

/** @type {Record<string, (args: import('./arguments.mjs').Arguments) => Promise<number>>} */
const COMMANDS = { demo, test: testCommand, ci };

/**
 * Runs one command of the bootstrap and sets the exit code of the process.
 *
 * @param {readonly string[]} argv
 */
export async function runCommand(argv) {
  listenForSignals();
  try {
    const args = readArguments(argv, Object.keys(COMMANDS));
    const command = COMMANDS[args.command];
    // The demo holds no lock while it runs: two of them may, and so may a test beside it.
    const run = () => command?.(args) ?? Promise.resolve(1);
    process.exitCode = args.command === 'demo' ? await run() : await withLock('run', run);
  } catch (error) {
    if (error instanceof Interrupted) {
      process.exitCode = exitCodeOfInterruption(error);
    } else if (error instanceof Failure) {
      say(`\n${error.message}`);
      process.exitCode = 1;
    } else {
      throw error;
    }
  }
}
