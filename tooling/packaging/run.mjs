import { spawnSync } from 'node:child_process';

/**
 * Runs a program and keeps what it writes, because only a failure is worth reading.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {number} [timeout] milliseconds after which it is killed, and has failed; without one it may take its time
 * @returns {{ ok: boolean, output: string, stdout: string }} `output` is what stands on both streams
 */
export function run(program, args, cwd, timeout) {
  const result = spawnSync(program, args, {
    cwd,
    timeout,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    maxBuffer: 64 * 1024 * 1024,
  });
  // There are no streams of a program that could not be started; of one that was killed there is what it wrote before.
  const stdout = result.stdout ?? '';
  const output = `${stdout}${result.stderr ?? ''}`;
  if (result.error !== undefined) {
    return { ok: false, output: `${output}\n${program}: ${result.error.message}`.trim(), stdout };
  }
  return { ok: result.status === 0, output: output.trim(), stdout };
}

/**
 * Runs a program that must succeed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {string} what it wrote to its standard output
 */
export function mustRun(program, args, cwd) {
  const { ok, output, stdout } = run(program, args, cwd);
  if (!ok) throw new Error(`${program} ${args.join(' ')} failed in ${cwd}:\n${output}`);
  return stdout;
}
