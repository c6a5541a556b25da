import { main } from '../../src/main.ts';
import { Output } from '../../src/terminal/output.ts';
import type { Finished } from './outrelay.ts';

/** Runs a command to its end in this process, as a pipe would see it: for many commands that only answer. */
export async function answer(args: readonly string[], cwd: string): Promise<Finished> {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written): Output => {
    const stream = {
      isTTY: false,
      write(text: string) {
        written[name] += text;
        return true;
      },
    };
    return new Output(stream as unknown as NodeJS.WriteStream, {});
  };
  const code = await main(args, {
    stdin: process.stdin,
    out: output('stdout'),
    err: output('stderr'),
    env: {},
    cwd,
    outputGone: new AbortController().signal,
  });
  return { code, ...written };
}
