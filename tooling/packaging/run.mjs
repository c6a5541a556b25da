import { spawnSync } from 'node:child_process';

/**
 * Runs a program and keeps what it writes, because only a failure is worth reading.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {number} [timeout] milliseconds after which it is killed, and has failed; without one it may take its time
 * @returns {{ ok: boolean, output: string }}
 */
export function run(program, args, cwd, timeout) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    timeout,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) return { ok: false, output: `${program}: ${error.message}` };
  return { ok: status === 0, output: `${stdout}${stderr}`.trim() };
}

/**
 * Runs a program that must succeed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {string} what it wrote
 */
export function mustRun(program, args, cwd) {
  const { ok, output } = run(program, args, cwd);
  if (!ok) throw new Error(`${program} ${args.join(' ')} failed in ${cwd}:\n${output}`);
  return output;
}
