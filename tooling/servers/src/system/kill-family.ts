import { readFileSync } from 'node:fs';
import { descendants } from './descendants.ts';
import { until } from './until.ts';

/**
 * Kills a process with all its descendants (`kill -9`) and resolves when none of them is there any more: a server that
 * starts again on the same data refuses while a child of the former one lives.
 */
export async function killFamily(pid: number): Promise<void> {
  // A stopped parent starts no child between the listing and the kill.
  send(pid, 'SIGSTOP');
  const family = [pid, ...descendants(pid)];
  for (const member of family) send(member, 'SIGKILL');
  await until(`the processes of ${pid} have ended`, () => {
    const alive = family.filter((member) => member !== pid && isAlive(member));
    if (alive.length > 0) throw new Error(`still there: ${alive.join(', ')}`);
  });
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // It ended before the signal came, which is what was wanted.
    return false;
  }
}

/** A process that has ended and that nobody has asked for its exit code holds nothing any more. */
function isAlive(pid: number): boolean {
  if (!send(pid, 0)) return false;
  if (process.platform !== 'linux') return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}
